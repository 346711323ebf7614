create index on orders (customer_id, note);
alter table orders add foreign key (customer_id) references customers;
