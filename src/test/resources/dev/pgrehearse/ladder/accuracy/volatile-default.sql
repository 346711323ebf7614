alter table orders add column token double precision default random();
