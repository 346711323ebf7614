package dev.pgrehearse.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Fact.CatalogueIndex;
import dev.pgrehearse.recording.Fact.IndexKey;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.IndexScans;
import dev.pgrehearse.recording.Recording.IndexUse;
import dev.pgrehearse.recording.Recording.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IndexFoldTest {
    private static final CatalogueIndex COMPOSITE = index(1, "orders_country_status_idx", "country", "status");

    @Test
    void scansAreDifferencesAndOfANewIndexCountedFromZero() {
        List<IndexFacts> told = fold(
                        List.of(COMPOSITE),
                        List.of(COMPOSITE, index(2, "orders_note_idx", "note")),
                        Map.of(1L, 100L),
                        Map.of(1L, 150L),
                        Map.of(1L, 157L, 2L, 4L),
                        Map.of(1L, 177L, 2L, 10L))
                .told();
        assertThat(told).extracting(IndexFacts::name).containsExactly("orders_country_status_idx", "orders_note_idx");
        assertThat(told.get(0).scans()).isEqualTo(new IndexScans(50L, 7L, 20L));
        assertThat(told.get(1).scans()).isEqualTo(new IndexScans(null, 4L, 6L));
        assertThat(told.get(1).made()).isTrue();
        assertThat(told.get(0).made()).isFalse();
    }

    @Test
    void ofAnIndexThatIsGoneOnlyTheTimeBeforeIsTold() {
        IndexFacts gone = fold(List.of(COMPOSITE), List.of(), Map.of(1L, 100L), Map.of(1L, 150L), Map.of(), Map.of())
                .told()
                .get(0);
        assertThat(gone.existedBefore()).isTrue();
        assertThat(gone.existsAfter()).isFalse();
        assertThat(gone.valid()).isNull();
        assertThat(gone.invalid()).isFalse();
        assertThat(gone.sizeBytes()).isNull();
        assertThat(gone.validBefore()).isTrue();
        assertThat(gone.scans()).isEqualTo(new IndexScans(50L, null, null));
    }

    @Test
    void anIndexThatWasReplacedIsTheSameByNameAndItsCountIsToldOnlyWhenItCanBe() {
        CatalogueIndex again = index(9, "orders_country_status_idx", "country", "status");
        Map<Long, Long> baseline = Map.of(1L, 0L);
        Map<Long, Long> migration = Map.of(1L, 50L);
        assertThat(fold(List.of(COMPOSITE), List.of(again), baseline, migration, Map.of(9L, 8L), Map.of(9L, 20L))
                        .told())
                .singleElement()
                .satisfies(index -> {
                    assertThat(index.made()).isFalse();
                    assertThat(index.validBefore()).isTrue();
                    // Less than the old one had: it began again at 0.
                    assertThat(index.scans()).isEqualTo(new IndexScans(50L, 8L, 12L));
                });
        // REINDEX CONCURRENTLY goes on with 50, a new index may have come to 60 by itself.
        assertThat(fold(List.of(COMPOSITE), List.of(again), baseline, migration, Map.of(9L, 60L), Map.of(9L, 61L))
                        .told()
                        .get(0)
                        .scans())
                .isEqualTo(new IndexScans(50L, null, 1L));
    }

    @Test
    void aRenamedIndexIsNoNewOne() {
        assertThat(fold(
                                List.of(COMPOSITE),
                                List.of(index(1, "renamed_idx", "country", "status")),
                                Map.of(1L, 0L),
                                Map.of(1L, 5L),
                                Map.of(1L, 6L),
                                Map.of(1L, 7L))
                        .told())
                .singleElement()
                .satisfies(index -> {
                    assertThat(index.name()).isEqualTo("renamed_idx");
                    assertThat(index.existedBefore()).isTrue();
                    assertThat(index.scans()).isEqualTo(new IndexScans(5L, 1L, 1L));
                });
    }

    @Test
    void whatWasNotCountedIsNullAndNotZero() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact.IndexesListed(false, List.of(COMPOSITE)));
        facts.add(new Fact.IndexesListed(true, List.of(COMPOSITE)));
        assertThat(new IndexFold(facts).fold().told().get(0).scans()).isEqualTo(new IndexScans(null, null, null));
        // A counter that went back was reset.
        facts.add(new Fact.IndexScansRead(Phase.MIGRATION, 0, Map.of(1L, 10L)));
        facts.add(new Fact.IndexScansRead(Phase.RECOVERY, 0, Map.of(1L, 3L)));
        facts.add(new Fact.IndexScansRead(Fact.IndexScansRead.END, 0, Map.of(1L, 4L)));
        assertThat(new IndexFold(facts).fold().told().get(0).scans()).isEqualTo(new IndexScans(null, null, 1L));
        // Never listed at the end: nobody knows what became of anything.
        assertThat(new IndexFold(facts.subList(0, 1)).fold()).isEqualTo(IndexFold.Indexes.NONE);
    }

    @Test
    void ofMoreThanAHundredThoseOfChangedTablesAreTold() {
        List<CatalogueIndex> before = new ArrayList<>();
        for (int i = 0; i < 99; i++) {
            before.add(new CatalogueIndex(
                    1000 + i, "other_" + i, "other", "", "btree", true, true, false, 0L, List.of(), List.of(), null));
        }
        before.add(COMPOSITE);
        List<CatalogueIndex> after = new ArrayList<>(before);
        assertThat(fold(before, after).told()).hasSize(IndexFold.MOST);
        after.add(index(2, "orders_note_idx", "note"));
        IndexFold.Indexes more = fold(before, after);
        assertThat(more.told())
                .extracting(IndexFacts::name)
                .containsExactly("orders_country_status_idx", "orders_note_idx");
        assertThat(more.leftOut()).isEqualTo(99);
    }

    @Test
    void aLeadingPrefixCovers() {
        IndexCoverage coverage = IndexCoverage.of(index(2, "n", "country"), List.of(COMPOSITE));
        assertThat(coverage.by()).isEqualTo("orders_country_status_idx");
        assertThat(coverage.words())
                .isEqualTo("its leading columns (country) of (country, status) are those of the new one");
        assertThat(IndexCoverage.of(index(2, "n", "country", "status"), List.of(COMPOSITE))
                        .words())
                .isEqualTo("its columns (country, status) are those of the new one");
        assertThat(IndexCoverage.of(index(2, "n", "country", "status", "id"), List.of(COMPOSITE)))
                .isEqualTo(IndexCoverage.NONE);
    }

    @Test
    void columnsThatDoNotLeadCoverInPart() {
        IndexCoverage coverage = IndexCoverage.of(index(2, "n", "status"), List.of(COMPOSITE));
        assertThat(coverage.by()).isNull();
        assertThat(coverage.words())
                .isEqualTo(
                        "partly: orders_country_status_idx holds (status) among its columns (country, status), but not"
                                + " first, or not in that order");
    }

    @Test
    void anIndexThatIsReadBackwardsCovers() {
        CatalogueIndex descending = with(index(2, "n", "country"), List.of(new IndexKey("country", 7, 100, 3)));
        assertThat(IndexCoverage.of(descending, List.of(COMPOSITE)).words()).startsWith("read backwards, its leading");
        // DESC NULLS LAST is neither.
        CatalogueIndex neither = with(index(2, "n", "country"), List.of(new IndexKey("country", 7, 100, 1)));
        assertThat(IndexCoverage.of(neither, List.of(COMPOSITE)).by()).isNull();
    }

    @Test
    void anotherOperatorClassOrCollationCoversInPartOnly() {
        for (IndexKey key : List.of(new IndexKey("country", 8, 100, 0), new IndexKey("country", 7, 950, 0))) {
            CatalogueIndex other = with(index(2, "n", "country"), List.of(key));
            assertThat(IndexCoverage.of(other, List.of(COMPOSITE)).by()).isNull();
            assertThat(IndexCoverage.of(other, List.of(COMPOSITE)).words())
                    .endsWith(key.operatorClass() == 7 ? "with another collation" : "with another operator class");
        }
        CatalogueIndex sorted = with(index(2, "n", "country"), List.of(new IndexKey("country", 7, 100, 1)));
        assertThat(IndexCoverage.of(sorted, List.of(COMPOSITE)).words())
                .endsWith(", but sorted otherwise (ASC, DESC, NULLS FIRST, NULLS LAST)");
    }

    @Test
    void aUniqueIndexAnotherTablesAndAnotherMethodsAreNeverCovered() {
        CatalogueIndex made = index(2, "n", "country");
        assertThat(IndexCoverage.of(copy(made, "orders", "btree", true, List.of(), null), List.of(COMPOSITE)))
                .isEqualTo(IndexCoverage.NONE);
        assertThat(IndexCoverage.of(copy(made, "customers", "btree", false, List.of(), null), List.of(COMPOSITE)))
                .isEqualTo(IndexCoverage.NONE);
        assertThat(IndexCoverage.of(copy(made, "orders", "gin", false, List.of(), null), List.of(COMPOSITE)))
                .isEqualTo(IndexCoverage.NONE);
    }

    @Test
    void aUniqueIndexIsCoveredByAUniqueOneOfTheSameColumnsAlone() {
        CatalogueIndex made = unique(index(2, "n", "country", "status"), "");
        CatalogueIndex same = unique(COMPOSITE, "");
        assertThat(IndexCoverage.of(made, List.of(same)).by()).isEqualTo(COMPOSITE.name());
        assertThat(IndexCoverage.of(made, List.of(same)).words()).startsWith("it is UNIQUE as well");
        assertThat(IndexCoverage.of(unique(index(2, "n", "country"), ""), List.of(same)))
                .as("a prefix is not unique by that")
                .isEqualTo(IndexCoverage.NONE);
        assertThat(IndexCoverage.of(made, List.of(COMPOSITE))).isEqualTo(IndexCoverage.NONE);
        assertThat(IndexCoverage.of(made, List.of(unique(COMPOSITE, " NULLS NOT DISTINCT"))))
                .isEqualTo(IndexCoverage.NONE);
        // One that is not UNIQUE is served by one that is.
        assertThat(IndexCoverage.of(index(2, "n", "country"), List.of(same)).by())
                .isEqualTo(COMPOSITE.name());
    }

    @Test
    void anIndexOfAnotherMethodIsCoveredByOneThatIsDefinedAlike() {
        CatalogueIndex made = gin("n", "(tags gin_trgm_ops)");
        assertThat(IndexCoverage.of(made, List.of(gin("there", "(tags gin_trgm_ops)")))
                        .by())
                .isEqualTo("there");
        assertThat(IndexCoverage.of(made, List.of(gin("there", "(tags)")))).isEqualTo(IndexCoverage.NONE);
    }

    private static CatalogueIndex unique(CatalogueIndex index, String nulls) {
        String definition = "CREATE UNIQUE INDEX n ON public.orders USING btree (country, status)" + nulls;
        return new CatalogueIndex(
                index.oid(),
                index.name(),
                "orders",
                definition,
                "btree",
                true,
                true,
                true,
                8192L,
                index.keys(),
                List.of(),
                null);
    }

    private static CatalogueIndex gin(String name, String what) {
        String definition = "CREATE INDEX " + name + " ON public.orders USING gin " + what;
        return new CatalogueIndex(
                name.length(),
                name,
                "orders",
                definition,
                "gin",
                true,
                true,
                false,
                8192L,
                List.of(new IndexKey("tags", 9, 0, 0)),
                List.of(),
                null);
    }

    @Test
    void onlyTheSamePredicateCoversAllAndNoneCoversInPart() {
        CatalogueIndex made = copy(index(2, "n", "country"), "orders", "btree", false, List.of(), "(status = 'open')");
        CatalogueIndex same = copy(COMPOSITE, "orders", "btree", false, List.of(), "(status = 'open')");
        CatalogueIndex another = copy(COMPOSITE, "orders", "btree", false, List.of(), "(status = 'paid')");
        assertThat(IndexCoverage.of(made, List.of(same)).by()).isEqualTo(same.name());
        assertThat(IndexCoverage.of(made, List.of(another))).isEqualTo(IndexCoverage.NONE);
        assertThat(IndexCoverage.of(made, List.of(COMPOSITE)).by()).isNull();
        assertThat(IndexCoverage.of(made, List.of(COMPOSITE)).words()).endsWith(", but of all rows");
        assertThat(IndexCoverage.of(index(2, "n", "country"), List.of(same))).isEqualTo(IndexCoverage.NONE);
    }

    @Test
    void includedColumnsMustBeThere() {
        CatalogueIndex made = copy(index(2, "n", "country"), "orders", "btree", false, List.of("status"), null);
        assertThat(IndexCoverage.of(made, List.of(COMPOSITE)).by()).isEqualTo(COMPOSITE.name());
        CatalogueIndex more = copy(index(2, "n", "country"), "orders", "btree", false, List.of("note"), null);
        assertThat(IndexCoverage.of(more, List.of(COMPOSITE)).by()).isNull();
        assertThat(IndexCoverage.of(more, List.of(COMPOSITE)).words()).endsWith(", but not all that is INCLUDEd");
    }

    @Test
    void anIndexThatTheMigrationDropsCoversNothing() {
        CatalogueIndex made = index(2, "orders_country_idx", "country");
        assertThat(named(fold(List.of(COMPOSITE), List.of(COMPOSITE, made)), "orders_country_idx")
                        .coveredBy())
                .isEqualTo(COMPOSITE.name());
        assertThat(named(fold(List.of(COMPOSITE), List.of(made)), "orders_country_idx")
                        .coveredBy())
                .isNull();
        CatalogueIndex invalid = new CatalogueIndex(
                1, COMPOSITE.name(), "orders", "d", "btree", false, true, false, 1L, COMPOSITE.keys(), List.of(), null);
        assertThat(named(fold(List.of(invalid), List.of(invalid, made)), "orders_country_idx")
                        .coveredBy())
                .isNull();
    }

    private static IndexFacts named(IndexFold.Indexes indexes, String name) {
        return indexes.told().stream()
                .filter(index -> index.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoScansAnIndexIsToldOfWhatIsThereAfterwards() {
        CatalogueIndex note = index(2, "orders_note_idx", "note");
        List<Fact> facts = List.of(
                new Fact.IndexesListed(false, List.of(COMPOSITE)),
                new Fact.IndexesListed(true, List.of(note)),
                new Fact.OperationScansRead(List.of(
                        new OperationScans("read", 20, Map.of(2L, 20L), null),
                        new OperationScans("write", 20, Map.of(1L, 7L, 2L, 0L), null),
                        new OperationScans("join", 5, Map.of(2L, 500L), null))));
        IndexFold.Indexes told = new IndexFold(facts).fold();

        assertThat(named(told, "orders_note_idx").scannedBy())
                .containsExactly(new IndexUse("read", 20, 20), new IndexUse("join", 5, 500));
        assertThat(named(told, "orders_country_status_idx").scannedBy())
                .as("gone")
                .isNull();
        assertThat(named(new IndexFold(facts.subList(0, 2)).fold(), "orders_note_idx")
                        .scannedBy())
                .as("not read")
                .isNull();
        List<Fact> failed = List.of(
                facts.get(0),
                facts.get(1),
                new Fact.OperationScansRead(List.of(new OperationScans("call", 0, Map.of(), "no"))));
        assertThat(named(new IndexFold(failed).fold(), "orders_note_idx").scannedBy())
                .as("of nobody known")
                .isNull();
    }

    private static IndexFold.Indexes fold(List<CatalogueIndex> before, List<CatalogueIndex> after) {
        return new IndexFold(List.of(new Fact.IndexesListed(false, before), new Fact.IndexesListed(true, after)))
                .fold();
    }

    private static IndexFold.Indexes fold(
            List<CatalogueIndex> before,
            List<CatalogueIndex> after,
            Map<Long, Long> baseline,
            Map<Long, Long> migration,
            Map<Long, Long> recovery,
            Map<Long, Long> end) {
        return new IndexFold(List.of(
                        new Fact.IndexesListed(false, before),
                        new Fact.IndexScansRead(Phase.BASELINE, 0, baseline),
                        new Fact.IndexScansRead(Phase.MIGRATION, 1, migration),
                        new Fact.IndexScansRead(Phase.RECOVERY, 2, recovery),
                        new Fact.IndexScansRead(Fact.IndexScansRead.END, 3, end),
                        new Fact.IndexesListed(true, after)))
                .fold();
    }

    private static CatalogueIndex index(long oid, String name, String... columns) {
        List<IndexKey> keys = List.of(columns).stream()
                .map(column -> new IndexKey(column, 7, 100, 0))
                .toList();
        return new CatalogueIndex(
                oid, name, "orders", "CREATE INDEX …", "btree", true, true, false, 8192L, keys, List.of(), null);
    }

    private static CatalogueIndex with(CatalogueIndex index, List<IndexKey> keys) {
        return new CatalogueIndex(
                index.oid(), index.name(), "orders", "d", "btree", true, true, false, 8192L, keys, List.of(), null);
    }

    private static CatalogueIndex copy(
            CatalogueIndex index, String table, String method, boolean enforces, List<String> included, String where) {
        return new CatalogueIndex(
                index.oid(),
                index.name(),
                table,
                "d",
                method,
                true,
                true,
                enforces,
                8192L,
                index.keys(),
                included,
                where);
    }
}
