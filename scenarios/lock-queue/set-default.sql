-- For rows that come from now on; without it the check would refuse them.
ALTER TABLE orders ALTER COLUMN note_state SET DEFAULT 'none';
