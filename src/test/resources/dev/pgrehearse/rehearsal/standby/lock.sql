begin;
lock table orders in access exclusive mode;
select pg_sleep(3);
commit;
