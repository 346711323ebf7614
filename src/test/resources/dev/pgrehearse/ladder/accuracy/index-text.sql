create index on orders (email);
