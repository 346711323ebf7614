package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/** One domain's values, and behind them another's, all of which are greater. */
record Concatenated(Domain first, Domain second) implements Domain {
    @Override
    public long size() {
        return first.size() + second.size();
    }

    @Override
    public @Nullable String textAt(long index) {
        return index < first.size() ? first.textAt(index) : second.textAt(index - first.size());
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        if (index < first.size()) {
            first.copyTo(out, index);
        } else {
            second.copyTo(out, index - first.size());
        }
    }
}
