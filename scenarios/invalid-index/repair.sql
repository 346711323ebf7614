DROP INDEX CONCURRENTLY IF EXISTS orders_sku_idx;
CREATE INDEX CONCURRENTLY orders_sku_idx ON orders (sku);
