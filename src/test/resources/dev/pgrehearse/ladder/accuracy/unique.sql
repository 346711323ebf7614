create unique index on orders (reference, id);
