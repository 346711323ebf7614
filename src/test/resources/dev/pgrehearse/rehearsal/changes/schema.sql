CREATE TABLE orders (id integer PRIMARY KEY, country integer NOT NULL, note text);
-- Room on every page, so that whatever may be a HOT update is one
CREATE TABLE accounts (id integer PRIMARY KEY, status integer NOT NULL, seen integer NOT NULL) WITH (fillfactor = 50);
CREATE TABLE items (id integer PRIMARY KEY, amount integer NOT NULL, note text);
CREATE TABLE shops (id integer PRIMARY KEY, name text);
CREATE INDEX items_amount_idx ON items (amount);
