-- The same job with the told cure.
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_sku_idx ON orders (sku);
