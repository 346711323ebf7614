ALTER TABLE orders ADD COLUMN extra integer;
ALTER TABLE items ALTER COLUMN amount TYPE bigint;
ALTER TABLE items DROP COLUMN note;
ALTER TABLE shops RENAME TO stores;
DROP INDEX items_amount_idx;
