-- "The index is broken? Then away with it, and make it anew."
DROP INDEX orders_sku_idx;
CREATE INDEX orders_sku_idx ON orders (sku);
