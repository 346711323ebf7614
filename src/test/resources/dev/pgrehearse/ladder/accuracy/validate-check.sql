alter table orders validate constraint orders_total_cents_check;
