-- The nightly inventory job, "to make itself faster".
CREATE INDEX CONCURRENTLY orders_sku_idx ON orders (sku);
