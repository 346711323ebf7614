-- "The lookup by country is slow": an index on the column alone.
CREATE INDEX users_country_idx ON users (country);
