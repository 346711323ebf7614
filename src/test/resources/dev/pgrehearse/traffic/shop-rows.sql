SELECT setseed(0.25);

INSERT INTO categories SELECT i, CASE WHEN i > 8 THEN 1 + i % 8 END, 'category-' || i FROM generate_series(1, 60) i;

INSERT INTO customers (email, name, country, city, newsletter, created_at, deleted_at)
SELECT 'user' || i || '@example.org', (ARRAY['Anna', 'Bo', 'Carla', 'Dan', 'Eve', 'Finn', 'Gita', 'Hugo'])[1 + i % 8] || ' ' || chr(65 + i % 26) || substr(md5(i::text), 1, 7),
       c.country, c.country || '-' || floor(power(random(), 2) * 40)::int, random() < 0.3,
       timestamptz '2021-01-01' + i * interval '2 hours', CASE WHEN random() < 0.04 THEN timestamptz '2025-06-01' END
  FROM generate_series(1, 20000) i, LATERAL (SELECT (ARRAY['DE', 'DE', 'DE', 'DE', 'FR', 'FR', 'AT', 'CH', 'NL', 'PL'])[1 + floor(random() * 10)::int + 0 * i]) c(country);

INSERT INTO products (category_id, sku, title, price, stock, active, attributes)
SELECT 1 + floor(60 * power(random(), 1.7))::int, 'SKU-' || lpad(i::text, 6, '0'), 'Product ' || md5(i::text), round((1 + 400 * power(random(), 3))::numeric, 2),
       500000 + i, random() < 0.9, jsonb_build_object('color', (ARRAY['red', 'blue', 'green', 'black', 'white'])[1 + i % 5], 'size', (ARRAY['S', 'M', 'L', 'XL'])[1 + i % 4])
  FROM generate_series(1, 5000) i;

INSERT INTO orders (customer_id, status, total, placed_at, shipped_at, token, note)
SELECT 1 + floor(20000 * power(random(), 1.5))::bigint,
       (CASE WHEN i > 58500 THEN 'open' WHEN i > 57000 THEN 'paid' WHEN random() < 0.05 THEN 'cancelled' WHEN random() < 0.06 THEN 'returned' WHEN i > 55000 THEN 'shipped' ELSE 'delivered' END)::order_status,
       round((5 + 300 * random())::numeric, 2), timestamptz '2023-01-01' + i * interval '25 minutes',
       CASE WHEN i <= 57000 THEN timestamptz '2023-01-03' + i * interval '25 minutes' END, md5('order' || i)::uuid, CASE WHEN random() < 0.1 THEN 'ring twice' END
  FROM generate_series(1, 60000) i;

INSERT INTO order_lines SELECT o.id, l, 1 + floor(5000 * power(random(), 2))::bigint, 1 + floor(random() * 5)::int, round((1 + 100 * random())::numeric, 2)
  FROM orders o, generate_series(1, 5) l WHERE l <= 1 + o.id % 5;

INSERT INTO cart_items SELECT 1 + floor(20000 * random())::bigint, 1 + floor(5000 * power(random(), 2))::bigint, 1 + i % 3
  FROM generate_series(1, 30000) i ON CONFLICT DO NOTHING;

INSERT INTO reviews (product_id, customer_id, stars, body, written_on)
SELECT 1 + floor(5000 * power(random(), 2))::bigint, 1 + floor(20000 * random())::bigint, 1 + floor(5 * sqrt(random()))::int,
       'I say ' || md5(i::text), date '2023-01-01' + (i / 40) FROM generate_series(1, 40000) i;

INSERT INTO sessions SELECT md5('session' || i)::uuid, CASE WHEN i % 3 > 0 THEN 1 + floor(20000 * random())::bigint END, timestamptz '2025-10-01' + i * interval '4 minutes',
       jsonb_build_object('lang', 'de', 'n', i) FROM generate_series(1, 15000) i;
