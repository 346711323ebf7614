alter table orders alter total_cents set not null;
