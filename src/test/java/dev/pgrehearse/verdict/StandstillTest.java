package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandstillTest {
    private static final String STATEMENT = "/migration/statements/0";

    private static String lock(String relation, String mode, double heldMs) {
        return "{\"relation\": \"" + relation + "\", \"mode\": \"" + mode + "\", \"granted\": true, \"waitedMs\": 0,"
                + " \"heldMs\": " + heldMs + ", \"heldSource\": \"exact\", \"longestHeldMs\": null}";
    }

    private static Recording with(String locks, String waits) {
        return Edited.of(SampleRecordings.asWritten())
                .set(STATEMENT + "/locks", "[" + locks + "]")
                .set("/lockWaits", "[" + waits + "]")
                .recording();
    }

    private static String wait(String operation, String relation, String kind, double ms) {
        return "{\"startMs\": 20100, \"durationMs\": " + ms + ", \"pid\": 7, \"relation\": \"" + relation
                + "\", \"mode\": \"SHARE\", \"operation\": \"" + operation
                + "\", \"behind\": \"statement 1\", \"ended\": \"granted\", \"source\": \"log\", \"kind\": \"" + kind
                + "\", \"statement\": null, \"place\": null, \"queue\": null, \"ahead\": 0}";
    }

    @Test
    void aWaitIsToldWithWhomItWasFor() {
        assertThat(Standstill.of(SampleRecordings.asWritten())).singleElement().satisfies(found -> {
            assertThat(found.what()).isEqualTo("ACCESS EXCLUSIVE on orders");
            assertThat(found.longestWaitMs()).isEqualTo(30_000);
            assertThat(found.behind()).isEqualTo("a long read");
            assertThat(found.behindWorkload()).isFalse();
            assertThat(found.heldMs()).isEqualTo(9);
            assertThat(found.met()).containsExactlyInAnyOrder("read_order", "create_order");
        });
    }

    /** Four tries gave up after 2 s each, the fifth waited 1.8 s. */
    @Test
    void ofSeveralTriesTheOneThatHadItIsToldAndTheLongestWait() {
        assertThat(Standstill.of(SampleRecordings.withTimeout()))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.waitedMs()).isEqualTo(1_800);
                    assertThat(found.longestWaitMs()).isEqualTo(2_000);
                    assertThat(found.heldMs()).isEqualTo(9);
                    assertThat(found.fromMs()).isEqualTo(48_000);
                });
    }

    @Test
    void whatForbidsNothingAndMeetsNobodyIsNone() {
        assertThat(Standstill.of(with(lock("orders", "SHARE UPDATE EXCLUSIVE", 900), "")))
                .isEmpty();
        assertThat(Standstill.of(with(lock("orders", "SHARE", 900), "")))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.met()).isEmpty();
                    assertThat(found.couldMeet()).containsExactly("create_order");
                });
        assertThat(Standstill.of(with(lock("orders_new", "ACCESS EXCLUSIVE", 900), "")))
                .as("a table that was not there before")
                .isEmpty();
    }

    @Test
    void rowsAreKnownByTheWaitsForThemOrByWhoMayWantThem() {
        String update = lock("orders", "ROW EXCLUSIVE", 900);
        List<Standstill> met = Standstill.of(with(
                update,
                wait("create_order", "(transaction)", "transactionid", 700) + ","
                        + wait("create_order", "(tuple) orders", "tuple", 300)));
        assertThat(met).singleElement().satisfies(found -> {
            assertThat(found.rows()).isTrue();
            assertThat(found.heldMs()).isEqualTo(700);
            assertThat(found.met()).containsExactly("create_order");
        });
        assertThat(Standstill.of(with(update, ""))).singleElement().satisfies(found -> {
            assertThat(found.rows()).isTrue();
            assertThat(found.met()).isEmpty();
            assertThat(found.couldMeet()).containsExactly("create_order");
        });
        // customers are only locked FOR KEY SHARE by create_order, orders_archive by nobody.
        assertThat(Standstill.of(with(lock("orders_archive", "ROW EXCLUSIVE", 900), "")))
                .isEmpty();
        assertThat(Standstill.of(with(update + "," + lock("orders", "SHARE ROW EXCLUSIVE", 900), "")))
                .as("who locks the whole table needs no word of its rows")
                .extracting(Standstill::rows)
                .containsExactly(false);
    }
}
