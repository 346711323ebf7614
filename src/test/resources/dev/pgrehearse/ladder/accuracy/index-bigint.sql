create index on orders (reference);
