alter table orders add column notes text;
