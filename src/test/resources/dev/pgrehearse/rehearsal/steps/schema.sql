create table orders (
    id     bigint primary key,
    status text not null,
    note   text
);
create table bare (a int);
