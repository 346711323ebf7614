-- NOT VALID: new rows are checked, the old ones are not read. The lock is held for a moment.
ALTER TABLE orders ADD CONSTRAINT orders_note_state_set CHECK (note_state IS NOT NULL) NOT VALID;
