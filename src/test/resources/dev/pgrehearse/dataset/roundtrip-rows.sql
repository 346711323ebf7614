-- Rows by plain SQL alone: skewed by powers of random(), ordered or not, with dead rows and an INVALID index.
select setseed(0.42);

insert into countries select chr(65 + n / 26) || chr(65 + n % 26), 'Country of ' || md5(n::text) from generate_series(0, 199) n;
insert into currencies values ('EUR', 2), ('USD', 2), ('GBP', 2), ('CHF', 2), ('JPY', 0);

insert into customers (email, first_name, last_name, country_code, born, vip, created_at, last_seen_at, score, note)
select 'user' || n || '.' || substr(md5(n::text), 1, 5) || '@example' || n % 40 || '.org',
       initcap(substr(md5((floor(power(random(), 2) * 300))::text), 1, 4 + (n % 5)::int)),
       initcap(substr(md5((floor(power(random(), 3) * 5000))::text), 1, 5 + (n % 7)::int)),
       (select chr(65 + k / 26) || chr(65 + k % 26) from (select floor(power(random(), 4) * 200)::int as k, n) x),
       case when random() < 0.7 then date '1940-01-01' + floor(random() * 25000)::int end,
       random() < 0.03,
       timestamptz '2021-01-01 00:00+00' + n * interval '70 minutes' + random() * interval '1 hour',
       case when random() < 0.8 then timestamptz '2025-01-01 00:00+00' + random() * interval '300 days' end,
       case when random() < 0.9 then (random() * 5)::real end,
       case when random() < 0.2 then repeat(md5(random()::text), 1 + floor(random() * 4)::int) end
from generate_series(1, 20000) n;

insert into addresses (customer_id, street, city, zip, location)
select 1 + floor(power(random(), 1.5) * 20000)::int,
       floor(random() * 200)::int || ' ' || initcap(md5(floor(random() * 900)::text)) || ' street',
       initcap(substr(md5((floor(power(random(), 2) * 400))::text), 1, 8)),
       lpad(floor(random() * 99999)::text, 5, '0'),
       case when random() < 0.5 then point(random() * 90, random() * 180) end
from generate_series(1, 30000) n;

insert into suppliers
select gen_random_uuid(), 'Supplier ' || md5(n::text),
       case when n % 3 = 0 then 'https://www.' || substr(md5(n::text), 1, 12) || '.com/about' end,
       ('10.' || n % 250 || '.' || (n / 250) % 250 || '.' || floor(random() * 250)::int)::inet,
       case when n % 2 = 0 then ('192.168.' || n % 250 || '.0/24')::cidr end,
       ('08:00:2b:' || to_hex(n % 90 + 16) || ':' || to_hex(n / 90 % 90 + 16) || ':07')::macaddr
from generate_series(1, 1500) n;

insert into categories select n, nullif(n / 4, 0), 'category-' || n, least(6, floor(log(4, n + 1)))::int from generate_series(1, 600) n;

insert into products
select n * 10,
       case when random() < 0.95 then (array(select id from suppliers order by id))[1 + floor(power(random(), 2) * 1500)::int] end,
       1 + floor(power(random(), 2) * 600)::int,
       'SKU-' || lpad(n::text, 7, '0'),
       initcap(md5(floor(random() * 3000)::text)) || ' ' || substr(md5(n::text), 1, 10),
       round((1 + power(random(), 3) * 999)::numeric, 2),
       case when random() < 0.6 then random() * 20 end,
       case when random() < 0.3 then round((random() * 50)::numeric, 0) end,
       array(select 'tag' || floor(power(random(), 2) * 60)::int from generate_series(1, 1 + (n % 4))),
       case when n % 2 = 0 then array[n % 50, n % 30, n % 20] end,
       jsonb_build_object('colour', (array['red', 'green', 'blue'])[1 + n % 3], 'size', n % 12, 'code', md5(n::text)),
       case when n % 5 = 0 then json_build_object('n', n) end,
       case when n % 10 = 0 then decode(md5(n::text) || md5((n + 1)::text), 'hex') end,
       date '2010-01-01' + (n / 5)::int
from generate_series(1, 12000) n;

insert into orders (customer_id, status, currency, total_cents, placed_at, shipped_at, comment)
select 1 + floor(power(random(), 3) * 20000)::int,
       (array['paid', 'paid', 'paid', 'paid', 'shipped', 'shipped', 'shipped', 'new', 'returned', 'paid'])[1 + floor(random() * 10)::int]::order_status,
       (array['EUR', 'EUR', 'EUR', 'USD', 'USD', 'GBP', 'CHF'])[1 + floor(random() * 7)::int],
       floor(power(random(), 2) * 100000)::bigint,
       timestamptz '2023-01-01 00:00+00' + n * interval '20 minutes',
       case when random() < 0.7 then timestamptz '2023-01-02 00:00+00' + n * interval '20 minutes' + random() * interval '5 days' end,
       case when random() < 0.1 then 'please ' || md5(random()::text) end
from generate_series(1, 50000) n;

insert into order_items
select o.id, l, 10 * (1 + floor(power(random(), 2) * 12000)::int), 1 + floor(power(random(), 4) * 9)::int,
       round((random() * 300)::numeric, 2)
from orders o, lateral generate_series(1, 1 + (o.id % 3)::int) l;

insert into labels select n, 'label ' || md5(n::text) from generate_series(1, 300) n;
insert into product_labels
select distinct 10 * (1 + floor(random() * 12000)::int), 1 + floor(power(random(), 2) * 300)::int from generate_series(1, 30000);

insert into departments (id, name) select n, 'Department ' || n from generate_series(1, 40) n;
insert into employees
select n, 1 + floor(power(random(), 2) * 40)::int, case when n > 30 then 1 + floor(random() * 30)::int end,
       initcap(md5(n::text)), date '2000-01-01' + n, (2000 + n % 3000)::text::money,
       (array['mon', 'tue', 'wed', 'thu', 'fri'])[1 + n % 5]::weekday,
       time '08:00' + (n % 8) * interval '15 minutes',
       case when n % 3 = 0 then (n % 30) * interval '1 day' end
from generate_series(1, 3000) n;
update departments set head_id = id * 7;

insert into customer_settings
select n * 2, jsonb_build_object('theme', (array['dark', 'light'])[1 + n % 2], 'page', n % 7),
       (array['en', 'de', 'fr', 'en', 'en'])[1 + n % 5]
from generate_series(1, 8000) n;

insert into warehouses
select chr(65 + c / 26) || chr(65 + c % 26), w, 'Warehouse ' || c || '/' || w, timestamp '2015-01-01' + c * interval '1 day'
from generate_series(0, 49) c, generate_series(1, 6) w;
insert into stock
select n, w.country_code, w.number, 10 * (1 + floor(random() * 12000)::int), floor(power(random(), 3) * 500)::int
from generate_series(1, 20000) n
join (select country_code, number, row_number() over (order by country_code, number) as r from warehouses) w
  on w.r = 1 + n % 300;

insert into events
select n, timestamptz '2024-01-01 00:00+00' + n * interval '40 minutes',
       (array['click', 'view', 'view', 'view', 'buy'])[1 + floor(random() * 5)::int],
       case when random() < 0.5 then jsonb_build_object('page', n % 500) end,
       case when random() < 0.9 then 1 + floor(random() * 20000)::int end
from generate_series(1, 30000) n;

insert into payments
select n, (array['card', 'card', 'debit', 'transfer'])[1 + floor(random() * 4)::int], round((random() * 900)::numeric, 2)
from generate_series(1, 20000) n;

insert into sessions
select gen_random_uuid(), case when random() < 0.6 then 1 + floor(random() * 20000)::int end,
       timestamp '2025-06-01' + random() * interval '30 days', ('10.0.' || n % 200 || '.' || n % 99)::inet
from generate_series(1, 24000) n;

insert into sales.bookings
select n, n % 80, tstzrange(timestamptz '2025-01-01 00:00+00' + n * interval '1 hour', timestamptz '2025-01-01 00:00+00' + n * interval '1 hour' + (1 + n % 5) * interval '1 hour'),
       case when n % 2 = 0 then int4range((n % 50)::int, (n % 50 + 1 + n % 4)::int) end,
       daterange(date '2025-01-01' + (n % 300)::int, date '2025-01-03' + (n % 300)::int),
       case when n % 3 = 0 then numrange((n % 90)::numeric, (n % 90 + 10)::numeric) end
from generate_series(1, 10000) n;

insert into sales.rates
select date '2020-01-01' + d, c.code, round((random() * 2)::numeric, 6)
from generate_series(0, 1999) d, currencies c;

insert into documents
select n, 'Document ' || n,
       (select string_agg(md5(random()::text || n || g), '') from generate_series(1, 150) g),
       decode(md5(n::text), 'hex'), (n % 256)::bit(8), case when n % 2 = 0 then B'1010' end
from generate_series(1, 2000) n;

insert into counters select n, 'counter ' || n, floor(random() * 1000000)::bigint, timestamptz '2026-01-01 00:00+00' + n * interval '1 minute' from generate_series(1, 10000) n;
insert into jobs
select n, (array['mail', 'mail', 'mail', 'index', 'bill'])[1 + floor(random() * 5)::int],
       (array['done', 'done', 'done', 'done', 'done', 'done', 'failed', 'waiting'])[1 + floor(random() * 8)::int],
       floor(random() * 5)::int, timestamptz '2025-11-01 00:00+00' + n * interval '30 seconds', floor(power(random(), 5) * 6)::int
from generate_series(1, 20000) n;

insert into readings
select n, floor(power(random(), 2) * 500)::int, timestamp '2024-01-01' + n * interval '10 seconds',
       20 + 10 * sin(n / 1000.0) + random(), 40001 - n,
       case when n % 10 < 6 then n else floor(random() * 40000)::int end, 7,
       case when n % 400 = 0 then 'odd ' || n end
from generate_series(1, 40000) n;

insert into tiny values (1, 'one'), (2, null), (3, 'three');

-- Sequences behind what was inserted by hand are of no interest here. Everything is settled, then worn.
vacuum (analyze);
update counters set hits = hits + 1 where id <= 4300;
update jobs set attempts = attempts + 1 where id % 7 in (0, 3);
delete from readings where id % 40 = 0;
create unique index concurrently customers_vip_born_idx on customers (vip);
analyze;
