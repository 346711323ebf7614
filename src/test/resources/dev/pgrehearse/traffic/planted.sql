-- 900
SELECT * FROM products WHERE id = {1 + floor(5000 * power(random(), 2))::int};
-- 500
SELECT id, email, name, newsletter FROM customers WHERE email = {'user' || 1 + floor(20800 * random())::int || '@example.org'} AND deleted_at IS NULL;
-- 450
SELECT s.id, s.data, c.name FROM sessions s LEFT JOIN customers c ON c.id = s.customer_id WHERE s.id = {md5('session' || 1 + floor(15000 * random())::int)::uuid};
-- 300
UPDATE sessions SET seen_at = now(), data = data || {jsonb_build_object('n', floor(random() * 1000))}::jsonb WHERE id = {md5('session' || 1 + floor(15000 * random())::int)::uuid};
-- 350
SELECT id, status, total, placed_at FROM orders WHERE customer_id = {1 + floor(20000 * random())::int} ORDER BY placed_at DESC LIMIT 10;
-- 200
SELECT o.id, o.total, l.line, l.quantity, p.title FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN products p ON p.id = l.product_id WHERE o.id = {1 + floor(60000 * random())::int} ORDER BY l.line;
-- 250
SELECT id, title, price FROM products WHERE category_id = {1 + floor(60 * power(random(), 1.7))::int} AND active ORDER BY id LIMIT 24 OFFSET {24 * floor(3 * power(random(), 2))::int};
-- 60
SELECT count(*) FROM products WHERE category_id = {1 + floor(60 * random())::int} AND active AND price BETWEEN {10 + floor(20 * random())::int} AND {50 + floor(100 * random())::int};
-- 150
SELECT id, sku, title, price, stock FROM products WHERE id IN ({1 + floor(5000 * random())::int}, {1 + floor(5000 * random())::int}, {1 + floor(5000 * random())::int}, {1 + floor(5000 * random())::int});
-- 120
INSERT INTO cart_items (customer_id, product_id, quantity) VALUES ({1 + floor(20000 * random())::int}, {1 + floor(5000 * power(random(), 2))::int}, {1 + floor(3 * random())::int}) ON CONFLICT (customer_id, product_id) DO UPDATE SET quantity = cart_items.quantity + excluded.quantity, added_at = now();
-- 200
SELECT c.product_id, c.quantity, p.title, p.price, c.quantity * p.price AS amount FROM cart_items c INNER JOIN products p ON c.product_id = p.id WHERE c.customer_id = {1 + floor(20000 * random())::int} ORDER BY c.added_at;
-- 60
DELETE FROM cart_items WHERE customer_id = {1 + floor(20000 * random())::int};
-- 80
INSERT INTO orders (customer_id, status, total, placed_at, token) VALUES ({1 + floor(20000 * random())::int}, 'open', {round((5 + 300 * random())::numeric, 2)}, now(), {gen_random_uuid()}) RETURNING id;
-- 80
UPDATE products SET stock = stock - {1 + floor(3 * random())::int} WHERE id = {1 + floor(5000 * power(random(), 2))::int} AND stock >= {1};
-- 70
UPDATE orders SET status = 'shipped', shipped_at = now() WHERE id = {58501 + floor(1499 * random())::int} AND status IN ('open', 'paid');
-- 90
SELECT id, name, email FROM customers WHERE lower(name) LIKE {lower((ARRAY['Anna', 'Bo', 'Carla', 'Dan', 'Eve', 'Finn', 'Gita', 'Hugo'])[1 + floor(8 * random())::int] || ' ' || chr(65 + floor(26 * random())::int)) || '%'} LIMIT 10;
-- 40
SELECT id, customer_id, placed_at FROM orders WHERE status = 'open' AND placed_at < {timestamptz '2023-01-01' + (58500 + floor(1500 * random())::int) * interval '25 minutes'}::timestamptz - interval '2 hours' ORDER BY placed_at LIMIT 50;
-- 30
SELECT date_trunc('day', placed_at) AS day, count(*), sum(total) FROM orders WHERE placed_at >= {timestamptz '2023-01-01' + floor(50000 * random())::int * interval '25 minutes'} AND placed_at < {timestamptz '2025-12-01'}::timestamptz - interval '30 days' GROUP BY 1 ORDER BY 1;
-- 25
SELECT extract(dow FROM placed_at) AS weekday, count(*) FROM orders WHERE placed_at > date '2025-10-01' GROUP BY 1;
-- 160
SELECT r.stars, r.body, r.written_on, c.name FROM reviews r JOIN customers c ON c.id = r.customer_id WHERE r.product_id = {1 + floor(5000 * power(random(), 2))::int} ORDER BY r.written_on DESC LIMIT 5;
-- 110
SELECT avg(stars), count(*) FROM reviews WHERE product_id = {1 + floor(5000 * power(random(), 2))::int};
-- 25
INSERT INTO reviews (product_id, customer_id, stars, body, written_on) VALUES ({1 + floor(5000 * random())::int}, {1 + floor(20000 * random())::int}, {1 + floor(5 * random())::int}, {'I like ' || random()}, CURRENT_DATE);
-- 40
SELECT id, title FROM products WHERE attributes @> {jsonb_build_object('color', (ARRAY['red', 'blue', 'green'])[1 + floor(3 * random())::int], 'size', 'L')}::jsonb AND active ORDER BY id LIMIT 20;
-- 60
SELECT count(*) FROM customers WHERE country = {(ARRAY['DE', 'FR', 'AT', 'CH'])[1 + floor(4 * random())::int]} AND city = {'DE-' || floor(power(random(), 2) * 40)::int};
-- 30
WITH recent AS (SELECT id, customer_id, total FROM orders WHERE customer_id = {1 + floor(20000 * power(random(), 1.5))::int} AND status <> 'cancelled' ORDER BY placed_at DESC LIMIT 3) SELECT r.id, r.total, count(l.line) AS lines FROM recent r JOIN order_lines l ON l.order_id = r.id GROUP BY r.id, r.total;
-- 120
SELECT status, total FROM orders WHERE token = {md5('order' || 1 + floor(60000 * random())::int)::uuid};
-- 35
UPDATE customers SET newsletter = {random() < 0.5}, name = {'Anna ' || substr(md5(random()::text), 1, 8)} WHERE id = {1 + floor(20000 * random())::int} RETURNING id, name;
-- 30
SELECT EXISTS (SELECT 1 FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.customer_id = {1 + floor(20000 * power(random(), 1.5))::int} AND l.product_id = {1 + floor(5000 * power(random(), 2))::int});
-- 20
DELETE FROM sessions WHERE seen_at < {timestamptz '2025-10-01' + floor(200 * random())::int * interval '4 minutes'} AND customer_id IS NULL;
-- 20
INSERT INTO customers (email, name, country, city) VALUES ({'new' || random() || '@example.org'}, {'Ida ' || substr(md5(random()::text), 1, 5)}, 'DE', {'DE-' || floor(random() * 40)::int});
