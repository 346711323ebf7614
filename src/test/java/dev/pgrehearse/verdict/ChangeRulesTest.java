package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Expectation;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules about what the migration changed, on both sides of their limits. */
class ChangeRulesTest {
    private static final String READ = "/changes/operations/0";
    private static final String AFTER = READ + "/statements/0/plansAfter";
    private static final String TABLE = "/changes/tables/0";

    /** Statement 1 of the sample names no column; in these it drops one. */
    private static final String DROP = "\"ALTER TABLE orders DROP COLUMN country\"";

    private static final String FAILS =
            "{\"sqlState\": \"42703\", \"message\": \"column \\\"country\\\" does not exist\"}";

    @Test
    void theSampleChangesNothingForTheWorse() {
        Recording sample = SampleRecordings.withTimeout();
        for (String rule : List.of(
                "operation-broken",
                "cached-plan",
                "plan-worse",
                "statistics-lost",
                "vacuum-needed",
                "hot-updates-lost")) {
            assertThat(found(sample, rule)).as(rule).isEmpty();
        }
    }

    @Test
    void anOperationThatCannotBePlannedAnyMoreIsBrokenByTheStatementThatNamesWhatIsMissing() {
        Edited edited = sample().set("/migration/statements/4/sql", DROP)
                .set(AFTER, "[]")
                .set(READ + "/statements/0/failureAfter", FAILS);
        Finding finding = only(edited.recording(), "operation-broken");
        assertThat(finding.severity()).isEqualTo(Severity.NO_GO);
        assertThat(finding.statement()).isEqualTo(1);
        assertThat(finding.title()).isEqualTo("read_order is broken: column \"country\" does not exist (42703)");
        assertThat(finding.effect()).contains("ALTER TABLE orders DROP COLUMN country");
        assertThat(finding.safer()).startsWith("1. ");
    }

    /** A lock or a timeout says nothing of the statement, and what never could be planned was not broken by anybody. */
    @ParameterizedTest
    @CsvSource({"55P03", "57014", "08006", "57P01"})
    void whatCouldNotBeReadIsNotBroken(String state) {
        Edited edited = sample().set(AFTER, "[]")
                .set(READ + "/statements/0/failureAfter", "{\"sqlState\": \"" + state + "\", \"message\": \"…\"}");
        assertThat(found(edited.recording(), "operation-broken")).isEmpty();
        edited.set(READ + "/statements/0/failureAfter", FAILS).set(READ + "/statements/0/plansBefore", "[]");
        assertThat(found(edited.recording(), "operation-broken")).isEmpty();
    }

    @Test
    void anOperationOfWhichNoRequestSucceedsAfterwardsIsBrokenThoughItCanBePlanned() {
        Edited edited = sample().set(
                        "/requests/operations/0/outcomesByPhase/recovery", "{\"ok\": 0, \"sql_error\": 400}")
                .set("/changes/errors/0", """
                        {"operation": "read_order", "sqlState": "23502", "kind": "other",
                         "message": "null value in column \\"notes\\" of relation \\"orders\\" violates not-null constraint",
                         "count": 410, "byPhase": {"migration": 10, "recovery": 400}, "firstMs": 50000, "lastMs": 60000}""");
        Finding finding = only(edited.recording(), "operation-broken");
        assertThat(finding.measured()).as("one operation").isEqualTo(1);
        assertThat(finding.effect()).contains("410\u00a0tries of it ended as sql_error");
        assertThat(finding.title()).contains("notes").contains("23502");
        assertThat(finding.statement()).as("the one that names notes").isEqualTo(1);
        edited.set("/requests/operations/0/outcomesByPhase/recovery", "{\"ok\": 0, \"sql_error\": 5}");
        assertThat(found(edited.recording(), "operation-broken")).hasSize(1);
        edited.set("/requests/operations/0/outcomesByPhase/recovery", "{\"ok\": 0, \"sql_error\": 4}");
        assertThat(found(edited.recording(), "operation-broken")).as("too few").isEmpty();
        edited.set("/requests/operations/0/outcomesByPhase/recovery", "{\"ok\": 1, \"sql_error\": 399}");
        assertThat(found(edited.recording(), "operation-broken")).isEmpty();
    }

    @Test
    void cachedPlansAreCountedFromTheMigrationOn() {
        String errors = """
                {"operation": "read_order", "sqlState": "0A000", "kind": "cached-plan",
                 "message": "cached plan must not change result type", "count": 47,
                 "byPhase": {"baseline": 40, "migration": 3, "recovery": 4}, "firstMs": 49900, "lastMs": 51000}""";
        Finding finding = only(sample().set("/changes/errors/0", errors).recording(), "cached-plan");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.measured()).isEqualTo(7);
        assertThat(finding.safer()).contains("autosave=conservative").contains("SELECT *");
        String before = errors.replace("\"migration\": 3, \"recovery\": 4", "\"migration\": 0");
        assertThat(found(sample().set("/changes/errors/0", before).recording(), "cached-plan"))
                .isEmpty();
    }

    /** A statement that ran right after the ALTER TABLE, and had begun before the first error came. */
    @Test
    void aCachedPlanIsChargedToTheStatementThatLockedItsTable() {
        Edited edited = sample().set("/changes/errors/0", """
                        {"operation": "read_order", "sqlState": "0A000", "kind": "cached-plan",
                         "message": "cached plan must not change result type", "count": 4,
                         "byPhase": {"recovery": 4}, "firstMs": 70000, "lastMs": 70001}""")
                .set("/migration/statements/3/outcome", "\"ok\"")
                .set("/migration/statements/3/locks/0/granted", "true")
                .set("/migration/statements/4/index", "2")
                .set("/migration/statements/4/sql", "\"DROP INDEX items_amount_idx\"");
        assertThat(only(edited.recording(), "cached-plan").statement()).isEqualTo(2);
        edited.set("/migration/statements/4/locks", "[]");
        assertThat(only(edited.recording(), "cached-plan").statement()).isEqualTo(1);
    }

    /** The sample's plan costs 8.45 with ten sampled parameters, which the generic one (8.44) undercuts. */
    @ParameterizedTest
    @CsvSource({"9.28, 0", "9.29, 1"})
    void aPlanIsWorseWhenItIsAnotherOneAndTenPerCentDearer(double cost, int findings) {
        Edited edited = sample().set(AFTER, seqScan(cost));
        assertThat(found(edited.recording(), "plan-worse")).hasSize(findings);
        // Dearer alone is a table that has grown.
        edited.set(AFTER, seqScan(cost).replace("Seq Scan on orders", "Index Scan using orders_pkey on orders"));
        assertThat(found(edited.recording(), "plan-worse")).isEmpty();
    }

    /** The worst fifth of the sample's baseline has a median of 0.9 ms. */
    @ParameterizedTest
    @CsvSource({"1.89, WARNING", "1.91, NO_GO"})
    void aWorsePlanIsANoGoWhenTheOperationTakesTwiceAsLong(double median, Severity severity) {
        Edited edited = sample().set(AFTER, seqScan(900)).set(READ + "/after/serviceP50Ms", Double.toString(median));
        assertThat(only(edited.recording(), "plan-worse").severity()).isEqualTo(severity);
    }

    @ParameterizedTest
    @CsvSource({"1.89, 0", "1.91, 1"})
    void anOperationThatTakesLongerWithTheSamePlanIsToldOfFromOneMillisecondOn(double median, int findings) {
        Edited edited = sample().set(READ + "/after/serviceP50Ms", Double.toString(median));
        List<Finding> found = found(edited.recording(), "plan-worse");
        assertThat(found).hasSize(findings);
        assertThat(found).allSatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.title()).contains("with plans that are no worse");
        });
        // Of a table that the migration had nothing to do with.
        edited.set(TABLE + "/name", "\"customers\"");
        assertThat(found(edited.recording(), "plan-worse")).isEmpty();
    }

    @Test
    void theCureOfAPlanIsThatOfItsTable() {
        Edited edited = sample().set(AFTER, seqScan(900)).set(TABLE + "/statisticsLost", "[\"country\"]");
        assertThat(only(edited.recording(), "plan-worse").safer()).contains("`ANALYZE orders`");
        edited.set(TABLE + "/allVisibleAfter", "0.1");
        assertThat(only(edited.recording(), "plan-worse").safer()).contains("`VACUUM (ANALYZE) orders`");
    }

    @Test
    void statisticsThatCameBackAreToldSo() {
        Edited edited = sample().set(TABLE + "/statisticsLost", "[\"country\", \"status\"]");
        Finding finding = only(edited.recording(), "statistics-lost");
        assertThat(finding.title()).isEqualTo("The planner lost its statistics of orders: country and status");
        assertThat(finding.effect()).contains("autovacuum brought them back");
        assertThat(finding.statement()).as("which had ACCESS EXCLUSIVE").isEqualTo(1);
        edited.set(TABLE + "/statisticsMissing", "[\"status\"]");
        assertThat(only(edited.recording(), "statistics-lost").effect()).contains("Nobody had brought back status");
    }

    /** Of 99 % all-visible pages. */
    @ParameterizedTest
    @CsvSource({"true, 0.50, 0", "true, 0.49, 1", "false, 0.49, 0"})
    void aRewriteThatLeavesHalfOfThePagesNotAllVisibleWantsAVacuum(boolean rewritten, double after, int findings) {
        Edited edited = sample().set(TABLE + "/rewritten", Boolean.toString(rewritten))
                .set(TABLE + "/allVisibleAfter", Double.toString(after));
        assertThat(found(edited.recording(), "vacuum-needed")).hasSize(findings);
    }

    @ParameterizedTest
    @CsvSource({
        "UPDATE orders SET notes = 'x', 250, 1",
        "UPDATE orders SET notes = 'x', 249, 0",
        "DELETE FROM ONLY public.orders, 250, 1",
        "SELECT id FROM orders FOR UPDATE, 250, 0",
        "UPDATE customers SET a = 1, 250, 0"
    })
    void aBackfillThatLeavesAFifthOfTheRowsDeadWantsAVacuum(String sql, long dead, int findings) {
        Edited edited = sample().set("/migration/statements/4/sql", "\"" + sql + "\"")
                .set(TABLE + "/liveRowsAfter", "1000")
                .set(TABLE + "/deadRowsAfter", Long.toString(dead));
        assertThat(found(edited.recording(), "vacuum-needed")).hasSize(findings);
    }

    /** Of a table of a few rows a fifth is nothing. */
    @ParameterizedTest
    @CsvSource({"50, 0", "51, 1"})
    void aFewDeadRowsWantNoVacuum(long dead, int findings) {
        Edited edited = sample().set("/migration/statements/4/sql", "\"UPDATE orders SET notes = 'x'\"")
                .set(TABLE + "/liveRowsAfter", "10")
                .set(TABLE + "/deadRowsBefore", "0")
                .set(TABLE + "/deadRowsAfter", Long.toString(dead));
        assertThat(found(edited.recording(), "vacuum-needed")).hasSize(findings);
    }

    @Test
    void aPlanThatTurnedWhereTheMigrationDidNothingIsToldSo() {
        Edited edited = sample().set(AFTER, seqScan(900));
        assertThat(only(edited.recording(), "plan-worse").effect()).doesNotContain("changed none of its tables");
        edited.set(TABLE + "/name", "\"customers\"");
        assertThat(only(edited.recording(), "plan-worse").effect()).contains("changed none of its tables");
    }

    private static final String INDEX = """
            {"name": "orders_country_idx", "table": "orders",
             "definition": "CREATE INDEX orders_country_idx ON public.orders USING btree (country)",
             "existedBefore": false, "existsAfter": true, "valid": true, "ready": true, "validBefore": null,
             "enforces": false, "sizeBytes": 8388608, "scans": {"baseline": null, "migration": 0, "recovery": 5},
             "scannedBy": [{"operation": "read_order", "requests": 20, "scans": 20},
                           {"operation": "create_order", "requests": 20, "scans": 50}],
             "coveredBy": null, "coverage": null}""";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE orders SET country = ? WHERE id = ? | 100 | 82 | 1",
                "UPDATE orders SET country = ? WHERE id = ? | 100 | 83 | 0",
                "UPDATE orders SET country = ? WHERE id = ? | 99 | 0 | 0",
                "UPDATE orders SET status = ? WHERE country = ? | 100 | 0 | 0",
                "INSERT INTO orders (country) VALUES (?) ON CONFLICT (id) DO UPDATE SET country = excluded.country | 100 | 0 | 1"
            })
    void anIndexOnAColumnThatIsUpdatedCostsHotUpdates(String sql, long updates, long hot, int findings) {
        Edited edited = sample().set("/indexes/0", INDEX)
                .set("/changes/operations/1/statements/0/sql", "\"" + sql + "\"")
                .set(TABLE + "/updatesBefore", "1000")
                .set(TABLE + "/hotUpdatesBefore", "925")
                .set(TABLE + "/updatesAfter", Long.toString(updates))
                .set(TABLE + "/hotUpdatesAfter", Long.toString(hot));
        assertThat(found(edited.recording(), "hot-updates-lost")).hasSize(findings);
    }

    @Test
    void whatAnIndexGivesAndCostsIsASentence() {
        Edited edited = sample().set(
                        "/indexes/0", INDEX.replace("\"coveredBy\": null", "\"coveredBy\": \"orders_pkey\""))
                .set("/migration/statements/4/sql", "\"CREATE INDEX orders_country_idx ON orders (country)\"")
                .set(READ + "/statements/0/plansBefore", seqScan(1834))
                .set(AFTER, """
                        [{"kind": "generic", "samples": 1, "shape": "Index Scan using orders_country_idx on orders",
                          "cost": 8.3, "indexes": ["orders_country_idx"], "relations": ["orders"], "written": []}]""")
                .set(READ + "/before/p95Ms", "41")
                .set(READ + "/after/p95Ms", "3")
                .set("/changes/operations/1/after", """
                        {"count": 500, "p95Ms": 9, "serviceP50Ms": 1.2, "serviceP95Ms": 3, "worstP50Ms": 1.3}""")
                .set(TABLE + "/updatesBefore", "1000")
                .set(TABLE + "/hotUpdatesBefore", "920")
                .set(TABLE + "/updatesAfter", "1000")
                .set(TABLE + "/hotUpdatesAfter", "400");
        IndexWorth worth = IndexWorth.of(edited.recording()).get(0);
        assertThat(worth.sentence().replaceAll("[\\u00a0\\u202f]", " "))
                .isEqualTo(
                        "used by read_order: plan Seq Scan on orders → Index Scan using orders_country_idx on orders,"
                                + " 1 scan a request, p95 41 ms → 3.0 ms, median service time 0.8 ms → 0.8 ms; scanned 5 times in the recovery, by"
                                + " anybody; scanned, and not by a plan that was read, by create_order (2.50 scans a request): by"
                                + " foreign keys, triggers, functions, or the planner itself; orders_pkey was there already and serves the same; create_order, which writes to"
                                + " orders, takes 0.8 ms → 1.2 ms (median service time); HOT 92.0 % → 40.0 % of the updates of orders");
        assertThat(worth.users()).containsExactly("read_order");
        assertThat(worth.writers()).containsExactly("create_order");
        // The sample's last run: 1 800 ms of waiting and 12 ms of work.
        assertThat(worth.buildMs()).isEqualTo(1_812);
        assertThat(worth.walBytes()).isEqualTo(8_432);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "ALTER TABLE orders ADD UNIQUE (country, id)                     | 1812",
                "alter table only public.orders add unique nulls not distinct (Country, id) | 1812",
                "ALTER TABLE orders ADD PRIMARY KEY (country, id)                | 1812",
                "ALTER TABLE orders ADD CONSTRAINT orders_country_idx UNIQUE (country, id) | 1812",
                "ALTER TABLE orders ADD CONSTRAINT other UNIQUE (country, id)    | none",
                "ALTER TABLE orders ADD UNIQUE (country)                         | none",
                "ALTER TABLE orders ADD FOREIGN KEY (country, id) REFERENCES c   | none",
                "ALTER TABLE orders ADD UNIQUE (id, country)                     | none",
                "ALTER TABLE items ADD UNIQUE (country, id)                      | none"
            })
    void whatAddsAKeyBuiltItsIndexAlsoWithoutAName(String sql, @Nullable Double buildMs) {
        String index = INDEX.replace("CREATE INDEX", "CREATE UNIQUE INDEX")
                .replace("(country)", "(country, id)")
                .replace("\"enforces\": false", "\"enforces\": true");
        Edited edited = sample().set("/indexes/0", index).set("/migration/statements/4/sql", '"' + sql + '"');

        assertThat(IndexWorth.of(edited.recording()).get(0).buildMs()).isEqualTo(buildMs);
    }

    @Test
    void anIndexThatNoPlanUsesIsToldSoAndNothingOfOtherTraffic() {
        IndexWorth worth =
                IndexWorth.of(sample().set("/indexes/0", INDEX).recording()).get(0);
        assertThat(worth.sentence())
                .startsWith("no operation of this workload uses it, though it was scanned 5")
                .contains("of other traffic that says nothing");
        Edited unread = sample().set("/indexes/0", INDEX).set("/changes/operations", "[]");
        assertThat(IndexWorth.of(unread.recording()).get(0).sentence()).contains("not known");
    }

    @Test
    void anIndexThatIsGoneWasUsedByThoseWhosePlansHadIt() {
        Edited edited = sample().set("/indexes/0/existsAfter", "false")
                .set("/indexes/0/valid", "null")
                .set(AFTER, seqScan(900));
        assertThat(IndexWorth.of(edited.recording()).get(0).sentence())
                .startsWith("was used by read_order: plan Index Scan using orders_pkey on orders → Seq Scan on orders");
        assertThat(only(edited.recording(), "plan-worse").safer()).contains("served by orders_pkey, which is gone");
    }

    @Test
    void aBrokenOperationIsTheHeadlineAndNotItsSymptoms() {
        Recording recording = sample().set(AFTER, "[]")
                .set(READ + "/statements/0/failureAfter", FAILS)
                .set("/recovery/calmAtMs", "null")
                .recording();
        assertThat(Judge.judge(recording, SampleRecordings.limits(), Expectation.GO)
                        .reasons()
                        .get(0))
                .startsWith("read_order is broken");
    }

    private static String seqScan(double cost) {
        return "[{\"kind\": \"generic\", \"samples\": 1, \"shape\": \"Seq Scan on orders\", \"cost\": " + cost
                + ", \"indexes\": [], \"relations\": [\"orders\"], \"written\": []}]";
    }

    private static Edited sample() {
        return Edited.of(SampleRecordings.withTimeout());
    }

    private static List<Finding> found(Recording recording, String rule) {
        return Rules.ALL.stream()
                .filter(each -> each.id().equals(rule))
                .findFirst()
                .orElseThrow()
                .findings(recording, SampleRecordings.limits());
    }

    private static Finding only(Recording recording, String rule) {
        List<Finding> findings = found(recording, rule);
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }
}
