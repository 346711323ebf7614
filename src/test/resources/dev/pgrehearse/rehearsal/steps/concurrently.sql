create index concurrently "orders.status" on orders (status);
