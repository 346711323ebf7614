-- A moment's work on the primary: nobody reads there for long, and lock_timeout bounds the wait.
ALTER TABLE orders ADD COLUMN notes text;
