CREATE INDEX CONCURRENTLY orders_country_idx ON orders (country);
CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
CREATE INDEX CONCURRENTLY accounts_status_idx ON accounts (status);
