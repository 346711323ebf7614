package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerTimesTest {
    private static final Fact.StatementRan COMMIT = run(100, 107, "ok", false);

    @Test
    void anAnswerThatCameLateEndsNoTransactionLate() {
        assertThat(ended(COMMIT, done(100.1, 100.4, true))).isEqualTo(nanos(100.4));
    }

    @Test
    void withoutALineTheClientsClockHasToDo() {
        assertThat(ended(COMMIT)).isEqualTo(nanos(107));
        assertThat(times().began(COMMIT)).isEqualTo(nanos(100));
    }

    @Test
    void whatTheLogsOwnMillisecondDecidesIsLeftToTheClient() {
        assertThat(ended(COMMIT, done(100.1, 105.9, true))).isEqualTo(nanos(105.9));
        assertThat(ended(COMMIT, done(100.1, 106.1, true))).isEqualTo(nanos(107));
        assertThat(times(done(101.1, 106.9, true)).began(COMMIT)).isEqualTo(nanos(101.1));
        assertThat(times(done(100.9, 106.9, true)).began(COMMIT)).isEqualTo(nanos(100));
    }

    @Test
    void onlyWhatEndsATransactionEndsOne() {
        assertThat(ended(COMMIT, done(99.5, 99.9, false), done(100.1, 100.4, true), done(107.2, 107.4, false)))
                .isEqualTo(nanos(100.4));
        assertThat(ended(COMMIT, done(99.5, 99.9, false))).isEqualTo(nanos(107));
    }

    /** BEGIN, the statement, a look at its locks and COMMIT, of which the client hears 5 ms late. */
    @Test
    void ofAStatementInATransactionOfOursTheCommitCounts() {
        Fact.StatementRan wrapped = run(100, 200, "ok", true);

        assertThat(ended(
                        wrapped,
                        done(99.8, 100.2, true),
                        done(100.3, 180, false),
                        done(181, 182, false),
                        done(194, 195, true)))
                .isEqualTo(nanos(195));
        // The one before, and none of its own.
        assertThat(ended(wrapped, done(99.8, 100.2, true), done(100.3, 180, false)))
                .isEqualTo(nanos(200));
    }

    @Test
    void ofWhatFailedTheLogTellsNothing() {
        assertThat(ended(run(100, 107, "failed", false), done(99.1, 99.4, true)))
                .isEqualTo(nanos(107));
    }

    @Test
    void aStatementThatWasSentLateBeganLate() {
        Fact.StatementRan run = run(100, 150, "ok", false);

        assertThat(times(done(99, 99.9, false), done(111, 149.8, false)).began(run))
                .isEqualTo(nanos(111));
        // The next one: its own was over before the log's millisecond was.
        assertThat(times(done(100.1, 100.6, false), done(150.1, 151, false)).began(run))
                .isEqualTo(nanos(100));
    }

    /** BEGIN before, the statement, a look at its locks 12 ms later, COMMIT: the look is not when the statement began. */
    @Test
    void ofAStatementInATransactionOfOursTheBeginIsTheClients() {
        Fact.StatementRan wrapped = run(100, 118.3, "ok", true);

        assertThat(times(
                                done(99.6, 99.9, false),
                                done(100.1, 100.7, false),
                                done(112.8, 113.3, false),
                                done(113.5, 118, true))
                        .began(wrapped))
                .isEqualTo(nanos(100));
    }

    /** A clock that was stepped: both ends have to lie within what the client saw. */
    @Test
    void aLineThatLiesPartlyElsewhereIsNotItsOwn() {
        Fact.StatementRan commit = run(100, 300, "ok", false);

        assertThat(ended(commit, done(98, 190, true))).isEqualTo(nanos(300));
        assertThat(ended(commit, done(99.1, 190, true))).isEqualTo(nanos(190));
        assertThat(times(done(110, 302, false)).began(commit)).isEqualTo(nanos(100));
        assertThat(times(done(110, 300.9, false)).began(commit)).isEqualTo(nanos(110));
    }

    private static long ended(Fact.StatementRan run, Fact.ServerDone... done) {
        return times(done).transactionEnded(run);
    }

    private static ServerTimes times(Fact.ServerDone... done) {
        return new ServerTimes(List.of(done));
    }

    private static Fact.ServerDone done(double startMs, double endMs, boolean endsTransaction) {
        return new Fact.ServerDone(nanos(startMs), nanos(endMs), endsTransaction);
    }

    private static Fact.StatementRan run(double startMs, double endMs, String outcome, boolean wrapped) {
        return new Fact.StatementRan(
                1,
                1,
                0,
                "add.sql",
                1,
                "COMMIT",
                nanos(startMs),
                nanos(endMs),
                outcome,
                null,
                null,
                wrapped,
                true,
                List.of(),
                List.of(),
                List.of());
    }
}
