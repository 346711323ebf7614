package dev.pgrehearse.profile;

import java.util.ArrayList;
import java.util.List;

/** Figures that no database has: a profile with one was edited, and what is made of it would be anything. */
final class Impossible {
    /** Of a page of 8 kB, as PostgreSQL documents it: MaxHeapTuplesPerPage. */
    private static final int MOST_ROWS_OF_PAGE = 291;

    private static final double ROUNDING = 1.001;

    private final List<String> found = new ArrayList<>();

    private Impossible() {}

    /** Every impossible figure, with where it stands. */
    static List<String> in(Profile profile) {
        Impossible impossible = new Impossible();
        profile.tables().forEach(impossible::look);
        if (profile.calibration() != null) {
            profile.calibration().probes().forEach(impossible::look);
        }
        return impossible.found;
    }

    private void look(Calibration.Probe probe) {
        String name = "calibration " + probe.kind();
        Double median = probe.median();
        Double spread = probe.spread();
        expect(
                (median == null) == (probe.unknown() != null),
                name,
                "count of values",
                probe.values().size(),
                "some, or a reason");
        if (median != null) {
            expect(median > 0, name, "median", median, "more than 0");
        }
        if (spread != null) {
            expect(spread >= 0, name, "spread", spread, "0 or more");
        }
    }

    private void look(Profile.Table table) {
        String name = table.displayName();
        expect(table.rows() >= 0, name, "rows", table.rows(), "0 or more");
        expect(table.pages() >= 0, name, "pages", table.pages(), "0 or more");
        expect(table.toastPages() >= 0, name, "toastPages", table.toastPages(), "0 or more");
        expect(share(table.allVisibleShare()), name, "allVisibleShare", table.allVisibleShare(), "0 to 1");
        expect(
                table.fillFactor() >= 10 && table.fillFactor() <= 100,
                name,
                "fillFactor",
                table.fillFactor(),
                "10 to 100");
        double most = (double) table.pages() * MOST_ROWS_OF_PAGE;
        expect(
                table.deadRows() >= 0 && (table.isPartitioned() || table.deadRows() <= most),
                name,
                "deadRows",
                table.deadRows(),
                "0 to " + (long) most + ", what " + table.pages() + " pages can hold");
        table.columns().forEach(column -> look(name + "." + column.name(), column));
        table.indexes().forEach(index -> expect(index.pages() >= 0, index.name(), "pages", index.pages(), "0 or more"));
    }

    private void look(String name, Profile.Column column) {
        expect(share(column.nullShare()), name, "nullShare", column.nullShare(), "0 to 1");
        expect(column.distinct() >= -1, name, "distinct", column.distinct(), "-1 or more");
        expect(column.averageWidth() >= 0, name, "averageWidth", column.averageWidth(), "0 or more");
        expect(share(column.emptyShare()), name, "emptyShare", column.emptyShare(), "0 to 1");
        Double correlation = column.correlation();
        if (correlation != null) {
            expect(Math.abs(correlation) <= ROUNDING, name, "correlation", correlation, "-1 to 1");
        }
        double all = 0;
        for (Profile.Common common : column.common()) {
            expect(share(common.frequency()), name, "frequency", common.frequency(), "0 to 1");
            all += common.frequency();
        }
        expect(all <= ROUNDING, name, "sum of frequencies", all, "at most 1");
    }

    private static boolean share(double figure) {
        return figure >= 0 && figure <= ROUNDING;
    }

    private void expect(boolean holds, String where, String what, Number figure, String expected) {
        if (!holds) {
            found.add(where + ": " + what + " is " + figure + ", expected " + expected);
        }
    }
}
