-- PostgreSQL parses it, and refuses to run it: some rows are open.
alter table orders
    add constraint orders_all_paid check (status = 'paid');
