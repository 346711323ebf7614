-- Long enough to be stopped in the midst of it.
select pg_sleep(600);
