create index on orders (status, reference);
