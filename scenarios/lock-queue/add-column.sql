-- Nullable and without a default: no row is written.
ALTER TABLE orders ADD COLUMN note_state text;
