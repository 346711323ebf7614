package dev.pgrehearse.values;

/** Snapshots of transactions ({@code pg_snapshot}, {@code txid_snapshot}) without any in progress. */
record SnapshotType() implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        try {
            return Long.parseLong(text.substring(0, text.indexOf(':')));
        } catch (RuntimeException unreadable) {
            throw OrdinalType.unreadable(text, "snapshot");
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        out.number(ordinal);
        out.ascii(':');
        out.number(ordinal);
        out.ascii(':');
    }

    @Override
    public long lowest() {
        return 1;
    }

    @Override
    public long highest() {
        return Long.MAX_VALUE - 1;
    }
}
