package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules about indexes on both sides. The sample's recovery is 10 s with 3000 requests, all of them ok. */
class IndexRulesTest {
    private static final String RUN = "/migration/statements/4";

    private static final String MADE = """
            {"name": "orders_country_idx", "table": "orders", "definition": "CREATE INDEX …", "existedBefore": false,
             "existsAfter": true, "valid": true, "ready": true, "validBefore": null, "enforces": false,
             "sizeBytes": 8388608, "scans": {"baseline": null, "migration": 0, "recovery": 0},
             "coveredBy": null, "coverage": null}""";

    private static final String INVALID = MADE.replace("\"valid\": true", "\"valid\": false");

    @Test
    void anIndexThatNobodyScannedIsToldWithRequestsAndTime() {
        Finding finding = only(sample(MADE), "index-not-used");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(plain(finding.title()))
                .isEqualTo(
                        "The workload did not use the new index orders_country_idx: 0 scans in 3 000 requests over 10.0 s");
        assertThat(plain(finding.effect())).contains("it takes 8.0 MB");
        assertThat(finding.safer()).contains("EXPLAIN").contains("Do not build it");
    }

    /** What must not be said: one scan in either phase, unknown scans, a constraint's index, an old one, an INVALID one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"migration\": 0 | \"migration\": 1",
                "\"recovery\": 0 | \"recovery\": 1",
                "\"recovery\": 0 | \"recovery\": null",
                "\"migration\": 0 | \"migration\": null",
                "\"enforces\": false | \"enforces\": true",
                "\"existedBefore\": false | \"existedBefore\": true",
                "\"valid\": true | \"valid\": false"
            })
    void anIndexIsNotCalledUnusedWithoutProof(String is, String becomes) {
        assertThat(MADE).contains(is);
        assertThat(found(sample(MADE.replace(is, becomes)).recording(), "index-not-used"))
                .isEmpty();
    }

    @Test
    void fiveSecondsAndAHundredRequestsAreNeededBeforeAnIndexIsCalledUnused() {
        double end = SampleRecordings.withTimeout().phases().get(2).endMs();
        assertThat(found(
                        sample(MADE)
                                .set("/phases/3/endMs", Double.toString(end + 4_999))
                                .recording(),
                        "index-not-used"))
                .isEmpty();
        assertThat(found(
                        sample(MADE)
                                .set("/phases/3/endMs", Double.toString(end + 5_000))
                                .recording(),
                        "index-not-used"))
                .hasSize(1);
        Edited few = sample(MADE)
                .set("/requests/operations/0/outcomesByPhase/recovery", "{\"ok\": 99, \"pool_timeout\": 900}")
                .set("/requests/operations/1/outcomesByPhase/recovery", "{}");
        assertThat(found(few.recording(), "index-not-used")).isEmpty();
        few.set("/requests/operations/0/outcomesByPhase/recovery", "{\"ok\": 100}");
        assertThat(found(few.recording(), "index-not-used")).hasSize(1);
    }

    @Test
    void aCoveredIndexIsToldWithTheOneThatCoversIt() {
        String covered = MADE.replace(
                "\"coveredBy\": null, \"coverage\": null",
                "\"coveredBy\": \"orders_country_status_idx\", \"coverage\": \"its leading columns (country) of (country,"
                        + " status) are those of the new one\"");
        Finding finding = only(sample(covered), "index-covered");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.title())
                .isEqualTo("The new index orders_country_idx does what orders_country_status_idx does already");
        assertThat(finding.effect()).contains("its leading columns (country)");
        assertThat(found(sample(MADE).recording(), "index-covered")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_country_idx ON orders (country) | 1",
                "/* again */ create unique index if not exists \"orders_country_idx\" on only public.orders (country); | 1",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_other_idx ON orders (country) | 0",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_country_idx ON customers (country) | 0",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"Orders_country_idx\" ON orders (country) | 0",
                "CREATE INDEX CONCURRENTLY orders_country_idx ON orders (country) | 0",
                "SELECT 'CREATE INDEX IF NOT EXISTS orders_country_idx ON orders (country)' | 0"
            })
    void successThatBuiltNothingIsNoSuccess(String sql, int findings) {
        Edited edited = sample(invalidBefore()).set(RUN + "/sql", "\"" + sql.replace("\"", "\\\"") + "\"");
        assertThat(found(edited.recording(), "invalid-index-skipped")).hasSize(findings);
    }

    @Test
    void onlyAnIndexThatWasInvalidAndStillIsWasSkipped() {
        String sql = "\"CREATE INDEX IF NOT EXISTS orders_country_idx ON orders (country)\"";
        Finding finding = only(sample(invalidBefore()).set(RUN + "/sql", sql), "invalid-index-skipped");
        assertThat(finding.severity()).isEqualTo(Severity.NO_GO);
        assertThat(finding.statement()).isEqualTo(1);
        assertThat(plain(finding.effect())).contains("takes 8.0 MB").contains("each write maintains it");
        assertThat(finding.safer())
                .contains("DROP INDEX CONCURRENTLY IF EXISTS orders_country_idx")
                .contains("REINDEX INDEX CONCURRENTLY orders_country_idx");
        for (String index : List.of(
                invalidBefore().replace("\"valid\": false", "\"valid\": true"),
                invalidBefore().replace("\"validBefore\": false", "\"validBefore\": true"),
                invalidBefore().replace("CREATE INDEX …", "CREATE INDEX i ON ONLY public.orders (c)"),
                INVALID)) {
            assertThat(found(sample(index).set(RUN + "/sql", sql).recording(), "invalid-index-skipped"))
                    .isEmpty();
        }
        Edited failed = sample(invalidBefore()).set(RUN + "/sql", sql).set(RUN + "/outcome", "\"failed\"");
        assertThat(found(failed.recording(), "invalid-index-skipped")).isEmpty();
    }

    @Test
    void aRetryThatFindsWhatTheFirstAttemptLeftIsASkipToo() {
        Edited edited = sample(INVALID);
        for (int i = 0; i < 5; i++) {
            edited.set(
                    "/migration/statements/" + i + "/sql",
                    "\"CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_country_idx ON orders (country)\"");
        }
        // Four runs of the sample were ended by lock_timeout, the fifth ended ok.
        assertThat(found(edited.recording(), "invalid-index-skipped")).hasSize(1);
    }

    @Test
    void aTimeoutThatProducedAnInvalidIndexIsNamedWithWhomItWaitedFor() {
        String sql = "\"CREATE INDEX CONCURRENTLY orders_country_idx ON orders (country)\"";
        Edited edited = sample(INVALID)
                .set("/leftovers/invalidIndexes", "[\"orders_country_idx\"]")
                .set(RUN + "/sql", sql)
                .set(RUN + "/outcome", "\"failed\"")
                .set(RUN + "/sqlState", "\"55P03\"")
                .set("/adversaries/0/kind", "\"oldSnapshot\"")
                .set("/adversaries/0/table", "\"customers\"");
        Recording recording = edited.recording();
        int own = -1;
        for (int i = 0; i < recording.lockWaits().size(); i++) {
            if (recording.lockWaits().get(i).operation().equals("migration")) {
                own = i;
            }
        }
        edited.set("/lockWaits/" + own + "/behind", "\"adversary oldSnapshot\"");

        Finding finding = only(edited, "invalid-index-left");

        assertThat(finding.title())
                .isEqualTo("The migration left an INVALID index: orders_country_idx, produced by lock_timeout");
        assertThat(finding.statement()).isEqualTo(1);
        assertThat(plain(finding.effect()))
                .contains("was ended by lock_timeout after 1.8 s (55P03): that is what produced the INVALID index.")
                .contains("waiting for an old snapshot of customers, a table that the index has nothing to do with.")
                .contains(
                        "orders_country_idx takes 8.0 MB and serves no read: each write maintains it, no query uses it.");
        assertThat(finding.safer())
                .contains("`DROP INDEX CONCURRENTLY IF EXISTS orders_country_idx`")
                .contains("`REINDEX INDEX CONCURRENTLY orders_country_idx`");

        // A retry would only meet what this one left.
        edited.set("/migration/outcome", "\"failed\"");
        assertThat(only(edited, "migration-failed").safer())
                .startsWith("1. Give CONCURRENTLY no lock_timeout")
                .doesNotContain("more attempts");

        // Without CONCURRENTLY a timeout rolls the index back: whatever is left is not its work.
        edited.set(RUN + "/sql", sql.replace("CONCURRENTLY ", ""));
        assertThat(only(edited, "invalid-index-left").title()).doesNotContain("produced");
        // Ended by something else.
        edited.set(RUN + "/sql", sql).set(RUN + "/sqlState", "\"23505\"");
        assertThat(only(edited, "invalid-index-left").title()).doesNotContain("produced");
        edited.set(RUN + "/sqlState", "\"57014\"")
                .set(RUN + "/error", "\"ERROR: canceling statement due to statement timeout\"");
        assertThat(only(edited, "invalid-index-left").title()).endsWith("produced by statement_timeout");
        edited.set(RUN + "/error", "\"ERROR: canceling statement due to user request\"");
        assertThat(only(edited, "invalid-index-left").title()).endsWith("produced by a cancel");
    }

    /** What PostgreSQL skipped although another index has the name; and what cannot be told, or is the same. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) | CREATE INDEX i ON public.orders USING btree (note) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) | CREATE INDEX i ON public.orders USING btree (sku) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders (\"sku\" desc) | CREATE INDEX i ON public.orders USING btree (sku) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders ((sku)) | CREATE INDEX i ON public.orders USING btree (sku) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders (\"Sku\") | CREATE INDEX i ON public.orders USING btree (sku) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku, a) | CREATE INDEX i ON public.orders USING btree (sku) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (a, sku) | CREATE INDEX i ON public.orders USING btree (sku, a) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) | CREATE INDEX i ON public.other USING btree (sku) | NO_GO",
                "CREATE UNIQUE INDEX IF NOT EXISTS i ON orders (sku) | CREATE INDEX i ON public.orders USING btree (sku) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (lower(sku)) | CREATE INDEX i ON public.orders USING btree (sku) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (lower(sku)) | CREATE INDEX i ON public.orders USING btree (lower((sku)::text)) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders (text(sku)) | CREATE INDEX i ON public.orders USING btree (sku) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders ((a+1)) | CREATE INDEX i ON public.orders USING btree (((a + (1)::bigint))) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders (b text_pattern_ops, c COLLATE \"C\" DESC NULLS LAST) WITH (fillfactor = 70) | CREATE INDEX i ON public.orders USING btree (b text_pattern_ops, c COLLATE \"C\" DESC NULLS LAST) WITH (fillfactor='70') | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders USING gin (sku) | CREATE INDEX i ON public.orders USING btree (sku) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) WHERE a = 'x' | CREATE INDEX i ON public.orders USING btree (sku) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) WHERE a = 'open' | CREATE INDEX i ON public.orders USING btree (sku) WHERE (a = 'paid'::text) | NO_GO",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) WHERE a = 'open' | CREATE INDEX i ON public.orders USING btree (sku) WHERE ((a)::text = 'open'::text) | WARNING",
                "CREATE INDEX IF NOT EXISTS i ON orders (sku) WHERE d > '2024-1-1' | CREATE INDEX i ON public.orders USING btree (sku) WHERE (d > '2024-01-01'::date) | WARNING",
                "CREATE TABLE IF NOT EXISTS i (a int) | CREATE INDEX i ON public.orders USING btree (note) | WARNING"
            })
    void whatWasThereAlreadyIsToldAndAnotherIndexIsNoSuccess(String sql, String definition, Severity severity) {
        String there = MADE.replace("orders_country_idx", "i")
                .replace("\"existedBefore\": false", "\"existedBefore\": true")
                .replace("\"validBefore\": null", "\"validBefore\": true")
                .replace(
                        "\"table\": \"orders\"",
                        definition.contains(".other ") ? "\"table\": \"other\"" : "\"table\": \"orders\"")
                .replace("CREATE INDEX …", definition.replace("\"", "\\\""));
        Edited edited = sample(there).set(RUN + "/sql", "\"" + sql.replace("\"", "\\\"") + "\"");
        assertThat(found(edited.recording(), "already-there")).isEmpty();
        edited.set(RUN + "/notices", """
                [{"sqlState": "42P07", "message": "relation \\"i\\" already exists, skipping"}]""");
        Finding finding = only(edited, "already-there");
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.title()).contains("relation \"i\" already exists, skipping");
        assertThat(finding.effect()).contains("the server did nothing");
    }

    @Test
    void anInvalidIndexThatWasSkippedIsToldOnceWithTheNotice() {
        Edited edited = sample(invalidBefore())
                .set(RUN + "/sql", "\"CREATE INDEX IF NOT EXISTS orders_country_idx ON orders (country)\"")
                .set(RUN + "/notices", """
                        [{"sqlState": "42P07", "message": "relation \\"orders_country_idx\\" already exists, skipping"}]""");
        assertThat(only(edited, "invalid-index-skipped").effect()).contains("The server said so: relation");
        assertThat(found(edited.recording(), "already-there")).isEmpty();
    }

    @Test
    void aDropThatATimeoutEndedIsRunAgain() {
        Edited edited = sample(invalidBefore().replace("\"validBefore\": false", "\"validBefore\": true"))
                .set("/leftovers/invalidIndexes", "[\"orders_country_idx\"]")
                .set(RUN + "/sql", "\"DROP INDEX CONCURRENTLY IF EXISTS public.orders_country_idx\"")
                .set(RUN + "/outcome", "\"failed\"")
                .set(RUN + "/sqlState", "\"55P03\"");
        Finding finding = only(edited, "invalid-index-left");
        assertThat(finding.title()).endsWith("produced by lock_timeout");
        assertThat(finding.safer())
                .contains("run `DROP INDEX CONCURRENTLY IF EXISTS orders_country_idx` again")
                .doesNotContain("build it again");
    }

    @Test
    void namesToCopyAreQuotedWhereTheyMustBe() {
        Edited edited = sample(INVALID.replace("\"orders_country_idx\"", "\"shop.ordersBySku\""))
                .set("/leftovers/invalidIndexes", "[\"shop.ordersBySku\"]");
        assertThat(only(edited, "invalid-index-left").safer()).contains("IF EXISTS shop.\"ordersBySku\"`");
        edited = sample(INVALID.replace("\"orders_country_idx\"", "\"orders.status\"")
                        .replace("CREATE INDEX …", "CREATE INDEX i ON public.orders USING btree (status)"))
                .set("/leftovers/invalidIndexes", "[\"orders.status\"]");
        assertThat(only(edited, "invalid-index-left").safer()).contains("IF EXISTS \"orders.status\"`");
    }

    @Test
    void theIndexOfAPartitionedTableIsAttachedAndNotDropped() {
        Edited edited = sample(
                        INVALID.replace("CREATE INDEX …", "CREATE INDEX i ON ONLY public.orders USING btree (c)"))
                .set("/leftovers/invalidIndexes", "[\"orders_country_idx\"]");
        Finding finding = only(edited, "invalid-index-left");
        assertThat(finding.safer())
                .contains("`ALTER INDEX orders_country_idx ATTACH PARTITION …`")
                .doesNotContain("`DROP INDEX");
        assertThat(finding.effect()).contains("until every partition has an index attached");
    }

    @Test
    void anInvalidUniqueIndexThatIsReadyStillRejects() {
        Edited edited = sample(INVALID.replace("\"enforces\": false", "\"enforces\": true"))
                .set("/leftovers/invalidIndexes", "[\"orders_country_idx\"]");
        assertThat(only(edited, "invalid-index-left").effect()).contains("It still rejects duplicates");
    }

    @Test
    void whatTheInterruptionLeftIsNoNoGoButWhatATimeoutLeftBeforeItIs() {
        String sql = "\"CREATE INDEX CONCURRENTLY orders_country_idx ON orders (country)\"";
        Edited edited = sample(INVALID).set("/leftovers/invalidIndexes", "[\"orders_country_idx\"]");
        assertThat(only(edited, "invalid-index-left").severity()).isEqualTo(Severity.NO_GO);
        edited.set("/migration/outcome", "\"interrupted\"")
                .set(RUN + "/outcome", "\"interrupted\"")
                .set(RUN + "/sqlState", "\"57014\"")
                .set(RUN + "/sql", sql);
        assertThat(only(edited, "invalid-index-left").severity()).isEqualTo(Severity.WARNING);
        edited.set("/migration/statements/3/sql", sql);
        assertThat(only(edited, "invalid-index-left").severity()).isEqualTo(Severity.NO_GO);
    }

    @Test
    void nobodyIsToldToDoWithoutAnIndexThatEnforcesSomething() {
        String covered = MADE.replace("\"coveredBy\": null", "\"coveredBy\": \"orders_pkey\"");
        String key = MADE.replace("orders_country_idx", "orders_pkey")
                .replace("\"existedBefore\": false", "\"existedBefore\": true");
        String words = "anybody still needs orders_pkey";
        assertThat(only(sample(covered + ", " + key), "index-covered").safer()).contains(words);
        String enforcing = key.replace("\"enforces\": false", "\"enforces\": true");
        assertThat(only(sample(covered + ", " + enforcing), "index-covered").safer())
                .doesNotContain(words);
        assertThat(only(sample(MADE), "index-not-used").safer()).contains("foreign key");
    }

    @Test
    void whatAStoppedReindexLeavesIsOnlyDropped() {
        Edited edited = sample(MADE).set("/leftovers/invalidIndexes", "[\"orders_country_idx_ccnew\"]");
        assertThat(only(edited, "invalid-index-left").safer())
                .contains("DROP INDEX CONCURRENTLY IF EXISTS orders_country_idx_ccnew")
                .doesNotContain("REINDEX INDEX CONCURRENTLY orders_country_idx_ccnew");
    }

    @Test
    void aConcurrentBuildTellsItsWaitAndThatNobodyWaitedForIt() {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set(RUN + "/sql", "\"CREATE INDEX CONCURRENTLY i ON orders (country)\"")
                .set(RUN + "/lockWaitMs", "20000")
                .set(RUN + "/blocking/requests", "0")
                .set(RUN + "/blocking/sessionsPeak", "0");
        Recording recording = edited.recording();
        for (int i = 0; i < recording.lockWaits().size(); i++) {
            edited.set("/lockWaits/" + i + "/relation", "\"(virtual transaction)\"");
        }
        assertThat(words(edited)).isEqualTo("waited 20.0 s for older transactions; no request waited for it");
        edited.set(RUN + "/blocking/requests", "12").set(RUN + "/blocking/longestMs", "300");
        assertThat(words(edited))
                .isEqualTo(
                        "waited 20.0 s for older transactions; requests waited for it 12 times, the longest for 300 ms");
        edited.set(RUN + "/lockWaitMs", "0").set(RUN + "/blocking/requests", "0");
        assertThat(words(edited)).isEqualTo("waited for nobody; no request waited for it");
        Recording plain = SampleRecordings.withTimeout();
        assertThat(Statements.concurrently(plain, Statements.runs(plain).get(4)))
                .isNull();
    }

    private static String words(Edited edited) {
        Recording recording = edited.recording();
        return plain(
                Statements.concurrently(recording, Statements.runs(recording).get(4)));
    }

    private static String invalidBefore() {
        return INVALID.replace("\"existedBefore\": false", "\"existedBefore\": true")
                .replace("\"validBefore\": null", "\"validBefore\": false");
    }

    private static Edited sample(String index) {
        return Edited.of(SampleRecordings.withTimeout()).set("/indexes", "[" + index + "]");
    }

    private static Finding only(Edited edited, String id) {
        List<Finding> found = found(edited.recording(), id);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static List<Finding> found(Recording recording, String id) {
        return Rules.ALL.stream()
                .filter(rule -> rule.id().equals(id))
                .flatMap(rule -> rule.findings(recording, SampleRecordings.limits()).stream())
                .toList();
    }

    /** With ordinary spaces between figures and units. */
    private static String plain(String text) {
        return text.replaceAll("[\\u00a0\\u202f]", " ");
    }
}
