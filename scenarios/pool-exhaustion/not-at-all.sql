-- No index: users_country_city_idx begins with country. Fresh statistics are all that the lookup may want.
ANALYZE users (country, city);
