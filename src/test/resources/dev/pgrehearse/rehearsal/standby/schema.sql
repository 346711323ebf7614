create table orders (id integer generated always as identity primary key, status text not null);
create table items (id integer generated always as identity primary key, status text not null);
create function seen(integer) returns integer volatile language plpgsql as $$
begin
  update orders set status = 'seen' where id = $1;
  return $1;
end $$;
