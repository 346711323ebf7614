alter table orders alter total_cents type bigint;
