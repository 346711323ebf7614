package dev.pgrehearse.fidelity;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.FidelityFacts.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares the profile that data were generated from with one taken of the generated database, after an ANALYZE of its
 * rows. What is close enough, {@link Closeness} says. Pure.
 *
 * <p>Only what the profile asks for is compared: of a column that was never analysed there is nothing to say. Both sides
 * are what ANALYZE estimates, so its own errors, such as those of {@code n_distinct}, are on both.
 */
public final class Fidelity {
    /** Frequencies of more values than that hardly decide a plan, and chance alone orders them. */
    private static final int MOST_COMMON = 10;

    private static final double ROWS_PER_TARGET = 300;
    private static final double USUAL_TARGET = 100;

    private final Profile asked;
    private final Profile got;

    private Fidelity(Profile asked, Profile got) {
        this.asked = asked;
        this.got = got;
    }

    /**
     * Compares table by table.
     *
     * @param asked the profile that was asked for, in the size that was asked for, see {@link Profile.Table#scaled}
     * @param got that of the generated database
     */
    public static FidelityFacts compare(Profile asked, Profile got) {
        Fidelity fidelity = new Fidelity(asked, got);
        List<FidelityFacts.Table> tables = new ArrayList<>();
        for (Profile.Table table : asked.tables()) {
            if (table.rows() >= 0) {
                tables.add(fidelity.table(table));
            }
        }
        return FidelityFacts.of(tables);
    }

    private FidelityFacts.Table table(Profile.Table table) {
        Optional<Profile.Table> same = got.table(table.schema(), table.name());
        List<Figure> figures = new ArrayList<>();
        double gotRows = same.map(Profile.Table::rows).orElse(Double.NaN);
        figures.add(Closeness.count("rows", "rows", table.rows(), gotRows));
        same.filter(made -> !made.isPartitioned()).ifPresent(made -> state(table, made, figures));
        for (Profile.ForeignKey key : asked.foreignKeys()) {
            if (key.table().equals(table.displayName())) {
                fanOut(key, table, gotRows, figures);
            }
        }
        List<FidelityFacts.Column> columns = new ArrayList<>();
        for (Profile.Column column : table.columns()) {
            // A column that is always NULL is no achievement.
            if (column.hasStatistics() && column.nullShare() < 1) {
                columns.add(column(column, same.flatMap(made -> made.column(column.name())), table.rows(), gotRows));
            }
        }
        return new FidelityFacts.Table(table.displayName(), figures, columns, 0);
    }

    private static void state(Profile.Table table, Profile.Table made, List<Figure> figures) {
        figures.add(Closeness.pages("pages", (double) table.pages(), (double) made.pages()));
        figures.add(Closeness.points("dead rows", deadShare(table), deadShare(made)));
        if (table.pages() > 1) {
            // One page is visible or not, which is no share.
            figures.add(Closeness.points("all-visible pages", table.allVisibleShare(), made.allVisibleShare()));
        }
        for (Profile.Index index : table.indexes()) {
            made.indexes().stream()
                    .filter(other -> index.valid() && other.name().equals(index.name()))
                    .forEach(other -> figures.add(Closeness.pages(
                            "pages of " + index.name(), (double) index.pages(), (double) other.pages())));
        }
        if (table.toastPages() > 0 || made.toastPages() > 0) {
            figures.add(Closeness.pages("TOAST pages", (double) table.toastPages(), (double) made.toastPages()));
        }
    }

    private static double deadShare(Profile.Table table) {
        double all = Math.max(0, table.rows()) + table.deadRows();
        return all == 0 ? 0 : table.deadRows() / all;
    }

    private void fanOut(Profile.ForeignKey key, Profile.Table table, double gotRows, List<Figure> figures) {
        Optional<Profile.ForeignKey> same = got.foreignKeys().stream()
                .filter(made -> made.name().equals(key.name()) && made.table().equals(key.table()))
                .findFirst();
        if (key.meanFanOut() != null) {
            figures.add(Closeness.count(
                    "mean fan-out of " + key.name(),
                    "rows",
                    key.meanFanOut(),
                    same.map(Profile.ForeignKey::meanFanOut).orElse(Double.NaN)));
        }
        if (key.largestFanOut() != null && table.rows() > 0) {
            double largest = same.map(Profile.ForeignKey::largestFanOut).orElse(Double.NaN);
            double limit = Closeness.shareLimit(
                    key.largestFanOut() / table.rows(),
                    largest / gotRows,
                    looked(asked, table.rows()),
                    looked(got, gotRows));
            figures.add(new Figure(
                    "largest fan-out of " + key.name(),
                    "rows",
                    key.largestFanOut(),
                    largest,
                    Math.abs(key.largestFanOut() / table.rows() - largest / gotRows) <= limit));
        }
    }

    private FidelityFacts.Column column(
            Profile.Column column, Optional<Profile.Column> same, double askedRows, double gotRows) {
        if (same.isEmpty() || !same.get().hasStatistics()) {
            // Nothing was generated that could be compared, and that is not alike.
            return new FidelityFacts.Column(
                    column.name(),
                    List.of(new Figure("average width", "bytes", column.averageWidth(), Double.NaN, false)));
        }
        Profile.Column made = same.get();
        double askedLooked = looked(asked, askedRows);
        double gotLooked = looked(got, gotRows);
        List<Figure> figures = new ArrayList<>();
        figures.add(Closeness.share("null share", column.nullShare(), made.nullShare(), askedLooked, gotLooked));
        if (column.distinct() != 0) {
            figures.add(Closeness.count(
                    "distinct values", "values", column.distinctOf(askedRows), made.distinctOf(gotRows)));
        }
        if (column.nullShare() < 1) {
            figures.add(Closeness.width(column.averageWidth(), made.averageWidth()));
        }
        Double correlation = column.correlation();
        if (correlation != null) {
            Double madeCorrelation = made.correlation();
            figures.add(Closeness.correlation(
                    correlation,
                    madeCorrelation == null ? Double.NaN : madeCorrelation,
                    Math.min(askedLooked, gotLooked) * (1 - column.nullShare())));
        }
        common(column, made, askedRows, gotRows, figures);
        Profile.Elements elements = column.elements();
        if (elements != null && !elements.counts().isEmpty()) {
            Profile.Elements madeElements = made.elements();
            figures.add(Closeness.count(
                    "elements in a row",
                    "values",
                    elements.averageCount(),
                    madeElements == null ? Double.NaN : madeElements.averageCount()));
        }
        if (column.emptyShare() > 0 || made.emptyShare() > 0) {
            figures.add(
                    Closeness.share("empty ranges", column.emptyShare(), made.emptyShare(), askedLooked, gotLooked));
        }
        return new FidelityFacts.Column(column.name(), figures);
    }

    /** The frequency, of the first ten on either side, that is farthest off for what chance allows. */
    private void common(
            Profile.Column column, Profile.Column made, double askedRows, double gotRows, List<Figure> figures) {
        int compared = Math.min(
                MOST_COMMON, Math.max(column.common().size(), made.common().size()));
        double worst = -1;
        Figure figure = null;
        for (int place = 0; place < compared; place++) {
            double askedFrequency = frequency(column, place, askedRows);
            double gotFrequency = frequency(made, place, gotRows);
            double limit =
                    Closeness.shareLimit(askedFrequency, gotFrequency, looked(asked, askedRows), looked(got, gotRows));
            double off = Math.abs(askedFrequency - gotFrequency) / Math.max(limit, 1e-12);
            if (off > worst) {
                worst = off;
                figure = Closeness.share(
                        "frequency of common value " + (place + 1),
                        askedFrequency,
                        gotFrequency,
                        looked(asked, askedRows),
                        looked(got, gotRows));
            }
        }
        if (figure != null) {
            figures.add(figure);
        }
    }

    /**
     * Of the value in that place. PostgreSQL lists none that is not clearly more frequent than the others; so one that is
     * not listed is as frequent as those on average.
     */
    private static double frequency(Profile.Column column, int place, double rows) {
        List<Profile.Common> common = column.common();
        if (place < common.size()) {
            return common.get(place).frequency();
        }
        double listed = common.stream().mapToDouble(Profile.Common::frequency).sum();
        double others = column.distinctOf(rows) - common.size();
        double share = Math.max(0, 1 - column.nullShare() - listed);
        return others < 1 ? 0 : share / others;
    }

    /** How many rows ANALYZE looked at. */
    private static double looked(Profile profile, double rows) {
        String target = profile.server().settings().get("default_statistics_target");
        double most = ROWS_PER_TARGET * (target == null ? USUAL_TARGET : Double.parseDouble(target));
        return Double.isNaN(rows) ? 1 : Math.max(1, Math.min(rows, most));
    }
}
