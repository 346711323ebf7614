package dev.pgrehearse.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.FidelityFacts.Figure;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FidelityTest {
    private static final double ROWS = 1_000_000;

    private static Profile.Column column(
            String name,
            double nulls,
            double distinct,
            int width,
            @Nullable Double correlation,
            double... frequencies) {
        List<Profile.Common> common = DoubleStream.of(frequencies)
                .mapToObj(frequency -> new Profile.Common(frequency, null, null, null))
                .toList();
        return new Profile.Column(
                name,
                "text",
                false,
                true,
                nulls,
                distinct,
                width,
                correlation,
                common,
                List.of(),
                List.of(),
                0,
                null,
                0,
                List.of());
    }

    private static Profile.Table table(double rows, long pages, long dead, Profile.Column... columns) {
        return new Profile.Table(
                "public",
                "orders",
                "r",
                null,
                rows,
                pages,
                0.5,
                dead,
                100,
                0,
                true,
                new Profile.Autovacuum(true, null, null, 0, 0, 0),
                Arrays.asList(columns),
                List.of());
    }

    private static Profile profile(List<Profile.ForeignKey> keys, Profile.Table... tables) {
        return new Profile(
                Profile.FORMAT,
                "test",
                "2026-11-20T00:00:00Z",
                false,
                new Profile.Server("18.6", 180006, "UTF8", "C", "C", "libc", null, Map.of(), 0),
                new Profile.Schema("", null, List.of()),
                Arrays.asList(tables),
                keys,
                null,
                null,
                new Profile.Surroundings(new Profile.PreparedTransactions(0, 0), List.of(), List.of(), List.of()),
                List.of());
    }

    private static FidelityFacts compare(Profile.Column asked, Profile.Column got) {
        return Fidelity.compare(
                profile(List.of(), table(ROWS, 10_000, 0, asked)), profile(List.of(), table(ROWS, 10_000, 0, got)));
    }

    private static List<String> outside(FidelityFacts facts) {
        return facts.tables().stream()
                .flatMap(table -> table.columns().stream())
                .flatMap(column -> column.figures().stream())
                .filter(figure -> !figure.within())
                .map(Figure::name)
                .toList();
    }

    @Test
    void aProfileIsLikeItself() {
        Profile.Column column = column("status", 0.2, 5, 6, 0.3, 0.4, 0.3, 0.1);
        FidelityFacts facts = compare(column, column);
        assertThat(facts.columns()).isEqualTo(1);
        assertThat(facts.share()).isEqualTo(1);
        assertThat(outside(facts)).isEmpty();
        assertThat(facts.worst().tables()).isEmpty();
        assertThat(facts.worst().tablesLeftOut()).isEqualTo(1);
    }

    @Test
    void eachFigureThatIsOffIsNamed() {
        Profile.Column asked = column("status", 0.2, 5, 60, 0.3, 0.4, 0.3, 0.1);
        assertThat(outside(compare(asked, column("status", 0.3, 5, 60, 0.3, 0.4, 0.3, 0.1))))
                .containsExactly("null share");
        assertThat(outside(compare(asked, column("status", 0.2, 6, 60, 0.3, 0.4, 0.3, 0.1))))
                .containsExactly("distinct values");
        assertThat(outside(compare(asked, column("status", 0.2, 5, 50, 0.3, 0.4, 0.3, 0.1))))
                .containsExactly("average width");
        assertThat(outside(compare(asked, column("status", 0.2, 5, 60, -0.3, 0.4, 0.3, 0.1))))
                .containsExactly("correlation");
        assertThat(outside(compare(asked, column("status", 0.2, 5, 60, 0.3, 0.4, 0.24, 0.1))))
                .containsExactly("frequency of common value 2");
    }

    @Test
    void skewThatTheProfileDoesNotHaveIsFound() {
        // A million values, none of them common, against one that a fifth of the rows have.
        assertThat(outside(compare(column("x", 0, -1, 8, null), column("x", 0, -0.95, 8, null, 0.2))))
                .containsExactly("frequency of common value 1");
        // The other way round too.
        assertThat(outside(compare(column("x", 0, -0.95, 8, null, 0.2), column("x", 0, -1, 8, null))))
                .containsExactly("frequency of common value 1");
        // 120 values of the same frequency: some are listed by chance, others not.
        assertThat(outside(compare(column("x", 0, 120, 8, null, 0.0092), column("x", 0, 120, 8, null))))
                .isEmpty();
    }

    @Test
    void whatPostgresDidNotComputeIsNotAlike() {
        assertThat(outside(compare(column("x", 0, 5, 8, 0.5), column("x", 0, 5, 8, null))))
                .containsExactly("correlation");
        assertThat(outside(compare(column("x", 0, 5, 8, null), column("y", 0, 5, 8, null))))
                .containsExactly("average width");
    }

    @Test
    void theTableAndItsKeys() {
        Profile.ForeignKey key = new Profile.ForeignKey(
                "fk", "orders", List.of("c"), "customers", List.of("id"), 0, 1.0, 10.0, 50_000.0);
        Profile.ForeignKey other = new Profile.ForeignKey(
                "fk", "orders", List.of("c"), "customers", List.of("id"), 0, 1.0, 12.0, 60_000.0);
        FidelityFacts facts = Fidelity.compare(
                profile(List.of(key), table(ROWS, 10_000, 250_000)),
                profile(List.of(other), table(1.2 * ROWS, 11_001, 0)));
        assertThat(facts.tables().get(0).figures().stream()
                        .filter(figure -> !figure.within())
                        .map(Figure::name))
                .containsExactly("rows", "pages", "dead rows", "mean fan-out of fk");
        assertThat(facts.columns()).isZero();
        assertThat(facts.share()).isNaN();
    }

    @Test
    void aMissingTableCountsItsColumns() {
        FidelityFacts facts = Fidelity.compare(
                profile(List.of(), table(ROWS, 10_000, 0, column("a", 0, 5, 8, null), column("b", 0, 5, 8, null))),
                profile(List.of()));
        assertThat(facts.columns()).isEqualTo(2);
        assertThat(facts.within()).isZero();
    }

    @Test
    void anotherSizeHasItsShareOfPagesAndDeadRows() {
        Profile.Table half =
                table(ROWS, 10_000, 250_000, column("id", 0, 800_000, 8, 1.0)).scaled(500_000, Map.of());
        assertThat(half.pages()).isEqualTo(5_000);
        assertThat(half.deadRows()).isEqualTo(125_000);
        assertThat(half.columns().get(0).distinct()).isEqualTo(500_000);
    }
}
