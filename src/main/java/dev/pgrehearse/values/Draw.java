package dev.pgrehearse.values;

/** Which of a domain's values a row gets: a pure function from the row to an index below the domain's size. */
@FunctionalInterface
public interface Draw {
    long indexAt(long row);

    /** Each as likely, rows independent of each other. */
    static Draw uniform(RowRandom random, long size) {
        return row -> RowRandom.below(random.bits(row), size);
    }

    /** A few of them often: see {@link Zipf}; ranks are scattered, so that hot values are no neighbours. */
    static Draw skewed(RowRandom random, long size, double exponent, long scatterSeed) {
        Zipf zipf = new Zipf(size, exponent);
        Permutation scatter = new Permutation(size, scatterSeed);
        return row -> scatter.at(zipf.rank(random.bits(row)));
    }
}
