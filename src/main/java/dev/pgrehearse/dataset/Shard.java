package dev.pgrehearse.dataset;

/**
 * Part {@code number} of {@code count} of a table's rows: each row is in exactly one, and they are in the table's order.
 *
 * <p>A row is a pure function of its number, so a shard can be made without the others, by another thread, process or
 * machine.
 *
 * @param number counted from 0
 * @param count how many there are, at least 1
 */
record Shard(int number, int count) {
    static final Shard WHOLE = new Shard(0, 1);

    Shard {
        if (count < 1 || number < 0 || number >= count) {
            throw new IllegalArgumentException("shard " + number + " of " + count);
        }
    }

    /** Its first row. */
    long from(long rows) {
        return rows / count * number + Math.min(number, rows % count);
    }

    /** The row after its last. */
    long to(long rows) {
        return number + 1 == count ? rows : new Shard(number + 1, count).from(rows);
    }
}
