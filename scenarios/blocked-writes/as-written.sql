-- Support looks customers up by their address, and has asked for it to be quick.
CREATE INDEX orders_customer_email_idx ON orders (customer_email);
