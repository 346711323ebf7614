create index concurrently orders_reference_idx on orders (reference);
