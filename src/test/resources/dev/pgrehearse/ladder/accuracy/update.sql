update orders set total_cents = total_cents + 1;
