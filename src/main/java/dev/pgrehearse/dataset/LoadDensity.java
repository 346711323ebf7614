package dev.pgrehearse.dataset;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How densely COPY is to fill a table's pages, so that there are as many as the profile has: free space that production
 * has inside its pages (bloat, or room that dead rows take) is left inside pages here. Immutable.
 *
 * <p>Rows are loaded portion after portion, in one transaction, each with its fill factor. There are two portions only
 * where one fill factor cannot do: of rows so wide that a page holds three or four, half a row more is none.
 *
 * @param portions in the order of the load; together all rows
 * @param pages that the rows will take, as the sample predicts
 * @param notice that the table will have more pages than the profile; null when it will not
 */
record LoadDensity(
        List<Portion> portions, double pages, @Nullable String notice) {
    /** How far one fill factor may be off before there are two. */
    private static final double ONE_WILL_DO = 0.03;
    /** At most that far, where two are no better. */
    private static final double ONE_HAS_TO_DO = 0.09;
    /**
     * COPY extends a table by up to so many pages at a time, and leaves those that it did not need empty between two
     * portions. Source: MAX_BUFFERS_TO_EXTEND_BY in PostgreSQL's hio.c.
     */
    private static final double EMPTY_BETWEEN_PORTIONS = 64;

    LoadDensity {
        portions = List.copyOf(portions);
    }

    /** Some of the rows, and how densely they are loaded. */
    record Portion(long rows, int fillFactor) {}

    /** The least of the portions' fill factors: versions that an UPDATE makes fill no page more than that one. */
    int leastFillFactor() {
        return portions.stream().mapToInt(Portion::fillFactor).min().orElse(FillFactor.MOST);
    }

    /** Tells how many pages all rows of a table take at a fill factor; never more at a greater one. */
    @FunctionalInterface
    interface Pages {
        double at(int fillFactor) throws SQLException;
    }

    /**
     * The density that comes closest to the profile's pages.
     *
     * @param name of the table, for the notice
     */
    static LoadDensity of(String name, TableState state, Pages sample) throws SQLException {
        double wanted = state.pagesOfLiveRows();
        Map<Integer, Double> known = new TreeMap<>();
        int sparser = FillFactor.LEAST;
        int denser = FillFactor.MOST;
        known.put(denser, sample.at(denser));
        double least = known.get(denser);
        if (least >= wanted) {
            return new LoadDensity(List.of(new Portion(state.rows(), denser)), least, tooMany(name, state, least));
        }
        known.put(sparser, sample.at(sparser));
        if (known.get(sparser) <= wanted) {
            return new LoadDensity(List.of(new Portion(state.rows(), sparser)), known.get(sparser), null);
        }
        while (denser - sparser > 1) {
            int middle = (sparser + denser) / 2;
            double pages = sample.at(middle);
            known.put(middle, pages);
            if (pages >= wanted) {
                sparser = middle;
            } else {
                denser = middle;
            }
        }
        double more = known.get(sparser);
        double fewer = known.get(denser);
        double tolerated = wanted * Math.min(ONE_HAS_TO_DO, Math.max(ONE_WILL_DO, EMPTY_BETWEEN_PORTIONS / wanted));
        if (more - wanted <= tolerated && more - wanted <= wanted - fewer) {
            return new LoadDensity(List.of(new Portion(state.rows(), sparser)), more, null);
        }
        if (wanted - fewer <= tolerated) {
            return new LoadDensity(List.of(new Portion(state.rows(), denser)), fewer, null);
        }
        long atSparser = Math.round(state.rows() * (wanted - fewer) / (more - fewer));
        if (atSparser == 0 || atSparser == state.rows()) {
            boolean sparse = atSparser > 0;
            return new LoadDensity(
                    List.of(new Portion(state.rows(), sparse ? sparser : denser)), sparse ? more : fewer, null);
        }
        return new LoadDensity(
                List.of(new Portion(state.rows() - atSparser, denser), new Portion(atSparser, sparser)), wanted, null);
    }

    private static @Nullable String tooMany(String name, TableState state, double least) {
        double all = least * state.rowVersions() / Math.max(1, state.rows());
        return all <= state.pages() * 1.1 || all - state.pages() <= 1
                ? null
                : name + ": the profile has " + state.pages() + " pages, but " + state.rows() + " live and "
                        + state.deadRows() + " dead rows as they are generated need about " + Math.round(all)
                        + " even when they are packed: its rows are wider than production's, or most of production's dead"
                        + " rows are stubs whose space was used again";
    }
}
