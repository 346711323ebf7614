package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.LockWaits;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Times here are milliseconds of the rehearsal's clock; the server's clock is two seconds ahead of it. */
class WaitLedgerTest {
    private static final int PID = 7;
    private static final long OFFSET_MICROS = 2_000_000;

    private final RehearsalClock clock = RehearsalClock.start();
    private final ServerTime serverTime = new ServerTime(clock);
    private final List<Fact> facts = new ArrayList<>();
    private final WaitLedger ledger = new WaitLedger(facts::add, serverTime, new Parties(new Sessions()));

    WaitLedgerTest() {
        long originMicros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.origin());
        // Read at the origin itself without a round trip: the offset is two seconds, to the microsecond.
        serverTime.add(serverTime.reading(originMicros + OFFSET_MICROS, 0, 0));
        ledger.logIsRead(Duration.ofSeconds(1));
    }

    @Test
    void theLogsLengthCountsFromTheSamplersStart() {
        sampled(1_010, waiting(1_000));
        sampled(4_020);
        ledger.acquired(new LogEntry.Acquired(micros(4_001), PID, "AccessShareLock", "relation 1", 3_000_123));
        ledger.logReadUpTo(nanos(4_021));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.endNanos() - waited.startNanos()).isEqualTo(3_000_123_000L);
            assertThat(waited.ended()).isEqualTo("granted");
            assertThat(waited.source()).isEqualTo("log");
        });
    }

    @Test
    void aLineThatComesBeforeTheSamplerNoticesWaitsForTheSampler() {
        sampled(1_010, waiting(1_000));
        ledger.acquired(new LogEntry.Acquired(micros(3_000), PID, "AccessShareLock", "relation 1", 2_000_000));
        ledger.logReadUpTo(nanos(3_001));
        assertThat(waited()).isEmpty();

        sampled(3_010);
        ledger.logReadUpTo(nanos(3_011));
        assertThat(waited())
                .singleElement()
                .satisfies(waited ->
                        assertThat(waited.endNanos() - waited.startNanos()).isEqualTo(2_000_000_000L));
    }

    @Test
    void aShortWaitEndsWhereTheSamplerSawItGone() {
        sampled(1_010, waiting(1_000));
        sampled(1_310);
        ledger.logReadUpTo(nanos(1_400));
        assertThat(waited()).as("the log may still tell of an error").isEmpty();

        ledger.logReadUpTo(nanos(1_900));
        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.endNanos()).isEqualTo(nanos(1_310));
            assertThat(waited.ended()).isEqualTo("granted");
            assertThat(waited.source()).isEqualTo("sampled");
        });
    }

    @Test
    void aLineThatWasWrittenLongAfterItsWaitIsKnownByItsLength() {
        sampled(1_010, waiting(1_000));
        sampled(3_990, waiting(1_000));
        sampled(4_300);
        // It had its lock at 4 000, and the line was written 600 ms later.
        ledger.acquired(new LogEntry.Acquired(micros(4_600), PID, "AccessShareLock", "relation 1", 3_000_000));
        ledger.logReadUpTo(nanos(9_000));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.endNanos()).isEqualTo(nanos(4_000));
            assertThat(waited.ended()).isEqualTo("granted");
            assertThat(waited.source()).isEqualTo("log");
        });
    }

    /** What a look of four seconds shows was so at its begin or later: the wait may have ended before its middle. */
    @Test
    void aLookThatTookSecondsDoesNotContradictALine() {
        sampled(1_010, waiting(1_000));
        ledger.sampled(nanos(5_000), nanos(2_000), List.of(waiting(1_000)));
        sampled(8_000);
        ledger.acquired(new LogEntry.Acquired(micros(4_900), PID, "AccessShareLock", "relation 1", 3_000_000));
        ledger.logReadUpTo(nanos(20_000));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.endNanos()).isEqualTo(nanos(4_000));
            assertThat(waited.source()).isEqualTo("log");
        });
    }

    @Test
    void aLineThatWasWrittenLateAndReadLateIsNoSecondWait() {
        sampled(1_010, waiting(1_000));
        sampled(3_990, waiting(1_000));
        sampled(4_300);
        ledger.logReadUpTo(nanos(9_000));
        ledger.acquired(new LogEntry.Acquired(micros(4_900), PID, "AccessShareLock", "relation 1", 3_000_000));

        assertThat(waited()).hasSize(1);
        assertThat(ledger.lateLines()).isEqualTo(1);
    }

    @Test
    void aLineOfAnotherLengthIsNotThatWaits() {
        sampled(1_010, waiting(1_000));
        sampled(3_990, waiting(1_000));
        sampled(4_010);
        ledger.acquired(new LogEntry.Acquired(micros(5_600), PID, "AccessShareLock", "relation 1", 1_500_000));
        ledger.logReadUpTo(nanos(9_000));

        assertThat(waited()).extracting(Fact.Waited::ended).containsExactlyInAnyOrder("granted", "gave up");
    }

    @Test
    void aLineThatWasLostWithItsFileDoesNotTellThatAWaitWasGivenUp() {
        sampled(1_010, waiting(1_000));
        sampled(3_990, waiting(1_000));
        sampled(4_010);
        ledger.logHasAGap();
        ledger.logReadUpTo(nanos(9_000));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.endNanos()).isEqualTo(nanos(4_010));
            assertThat(waited.ended()).isEqualTo("unknown");
        });
    }

    @Test
    void anErrorEndsAShortWaitAtItsTime() {
        sampled(1_010, waiting(1_000));
        sampled(1_310);
        ledger.gaveUp(new LogEntry.GaveUp(micros(1_300), PID, "55P03", "canceling statement due to lock timeout"));
        ledger.logReadUpTo(nanos(1_320));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.endNanos()).isCloseTo(nanos(1_300), within());
            assertThat(waited.ended()).isEqualTo("gave up");
        });
    }

    @Test
    void anErrorLongAfterTheWaitDidNotEndIt() {
        sampled(1_010, waiting(1_000));
        sampled(1_310);
        ledger.gaveUp(new LogEntry.GaveUp(micros(1_400), PID, "57014", "canceling statement due to statement timeout"));
        ledger.logReadUpTo(nanos(2_000));

        assertThat(waited())
                .singleElement()
                .satisfies(waited -> assertThat(waited.ended()).isEqualTo("granted"));
    }

    @Test
    void whenTriedAgainAtOnceEachErrorEndsItsOwnWait() {
        // 55P03 at 1300.9 stands in the log as 1300; the next wait began at 1301.
        sampled(1_010, waiting(1_000));
        sampled(1_305, waiting(1_301));
        ledger.gaveUp(new LogEntry.GaveUp(micros(1_300), PID, "55P03", "canceling statement due to lock timeout"));
        sampled(1_610);
        ledger.gaveUp(new LogEntry.GaveUp(micros(1_690), PID, "55P03", "canceling statement due to lock timeout"));
        ledger.logReadUpTo(nanos(1_700));

        assertThat(waited())
                .hasSize(2)
                .allSatisfy(waited -> assertThat(waited.ended()).isEqualTo("gave up"));
        assertThat(waited().get(0).endNanos()).isCloseTo(nanos(1_300), within());
        assertThat(waited().get(1).endNanos())
                .as("the line came late: by the sample the wait was over already")
                .isEqualTo(nanos(1_610));
    }

    @Test
    void aLongWaitWithoutALineWasGivenUpInsideAFunction() {
        sampled(1_010, waiting(1_000));
        sampled(2_990, waiting(1_000));
        sampled(3_010);
        ledger.logReadUpTo(nanos(4_900));
        assertThat(waited()).isEmpty();

        ledger.logReadUpTo(nanos(5_020));
        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.ended()).isEqualTo("gave up");
            assertThat(waited.source()).isEqualTo("sampled");
        });
    }

    @Test
    void aWaitThatMayHaveEndedBeforeALineWasDueDidNotGiveUp() {
        // The sampler was held up: the wait was last seen when it had lasted 900 ms, and missed 2 s later.
        sampled(1_010, waiting(1_000));
        sampled(1_900, waiting(1_000));
        sampled(3_900);
        ledger.logReadUpTo(nanos(6_000));

        assertThat(waited())
                .singleElement()
                .satisfies(waited -> assertThat(waited.ended()).isEqualTo("granted"));
    }

    @Test
    void moreThanCanBeHeldBackIsLetOutAndCounted() {
        int waits = WaitLedger.HELD_BACK + 500;
        for (int i = 0; i < waits; i++) {
            sampled(1_010 + i, waiting(1_005 + i));
        }
        sampled(1_010 + waits);

        assertThat(waited()).hasSize(500);
        assertThat(ledger.overflown()).isEqualTo(500);
        ledger.finish(nanos(waits + 5_000L));
        assertThat(waited()).as("none is lost").hasSize(waits);
    }

    @Test
    void whoWaitedIsKnownWhenTheSessionDoesSomethingElseAlready() {
        sampled(1_010, waiting(1_000));
        sampled(2_010);

        assertThat(ledger.whoWaited(PID, micros(2_000))).isEqualTo("read_order");
        assertThat(ledger.whoWaited(PID, micros(900))).isEqualTo("other");
    }

    @Test
    void whatTheLogAloneSawHasTheLogsOwnQueue() {
        ledger.stillWaiting(new LogEntry.StillWaiting(
                micros(2_000), PID, "AccessShareLock", "orders", 1_000_000, List.of(8, 9), List.of(6, PID, 5)));
        ledger.acquired(new LogEntry.Acquired(micros(3_000), PID, "AccessShareLock", "orders", 2_000_000));

        assertThat(waited())
                .singleElement()
                .satisfies(waited -> assertThat(waited.ahead()).isEqualTo(3));
        assertThat(facts.get(0))
                .isInstanceOfSatisfying(
                        Fact.QueueListed.class,
                        listed -> assertThat(listed.ahead())
                                .containsExactly(
                                        new LockWaits.Ahead("other", "", true, 2),
                                        new LockWaits.Ahead("other", "", false, null)));
    }

    @Test
    void twoWaitsOfOneBackendStayTwo() {
        sampled(1_010, waiting(1_000));
        sampled(1_110, waiting(1_105));
        sampled(1_210);
        ledger.logReadUpTo(nanos(2_000));

        assertThat(waited())
                .extracting(Fact.Waited::startNanos)
                .usingElementComparator((a, b) -> Math.abs(a - b) <= 1_000 ? 0 : Long.compare(a, b))
                .containsExactly(nanos(1_000), nanos(1_105));
    }

    @Test
    void aWaitThatNoSampleSawIsTheLogs() {
        ledger.stillWaiting(new LogEntry.StillWaiting(
                micros(2_000), PID, "AccessShareLock", "relation 1", 1_000_000, List.of(8), List.of(PID)));
        ledger.acquired(new LogEntry.Acquired(micros(3_000), PID, "AccessShareLock", "relation 1", 2_000_000));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.startNanos()).isCloseTo(nanos(1_000), within());
            assertThat(waited.endNanos() - waited.startNanos()).isEqualTo(2_000_000_000L);
        });
    }

    /** With a small deadlock_timeout one session's waits are logged a few milliseconds apart, and looks see one of many. */
    @Test
    void eachLineOfASessionIsAWaitOfItsOwnHoweverShort() {
        for (int wait = 0; wait < 5; wait++) {
            ledger.acquired(new LogEntry.Acquired(
                    micros(1_000 + 20 * wait + 10 + wait), PID, "AccessShareLock", "relation 1", (10 + wait) * 1_000L));
            if (wait == 1) {
                // The look that sees the third.
                sampled(1_045, waiting(1_040));
            }
        }
        sampled(1_065);
        ledger.logReadUpTo(nanos(1_200));

        assertThat(waited().stream()
                        .map(waited -> (waited.endNanos() - waited.startNanos()) / 1_000_000)
                        .sorted())
                .containsExactly(10L, 11L, 12L, 13L, 14L);
        assertThat(waited()).extracting(Fact.Waited::source).containsOnly("log");
    }

    @Test
    void whatGoesOnAtTheEndIsUnknown() {
        sampled(1_010, waiting(1_000));
        ledger.finish(nanos(9_000));

        assertThat(waited()).singleElement().satisfies(waited -> {
            assertThat(waited.ended()).isEqualTo("unknown");
            assertThat(waited.endNanos()).isEqualTo(nanos(9_000));
        });
    }

    /** 25 s behind a batch job of somebody's, and then, for the last 400 ms, behind the migration that the job waits for. */
    @Test
    void whatCameBeforeTheMigrationIsNotChargedToIt() {
        sampled(1_010, waiting(1_000, new Blame.Charge("other", 1)));
        sampled(26_000, waiting(1_000, new Blame.Charge("statement 1", 3)));
        sampled(26_410);
        ledger.acquired(new LogEntry.Acquired(micros(26_401), PID, "AccessShareLock", "relation 1", 25_400_000));
        ledger.logReadUpTo(nanos(26_411));

        assertThat(waited())
                .extracting(Fact.Waited::behind, Fact.Waited::startNanos, Fact.Waited::endNanos, Fact.Waited::ended)
                .containsExactly(
                        tuple("other", nanos(1_000), nanos(26_000), "went on"),
                        tuple("statement 1", nanos(26_000), nanos(26_400), "granted"));
    }

    /** Of whom nobody was seen ahead at first, or who somebody is was known a moment later, is one wait. */
    @Test
    void aChargeThatIsKnownAMomentLateIsOfTheWholeWait() {
        sampled(1_010, waiting(1_000, new Blame.Charge("other", 1)));
        sampled(1_100, waiting(1_000, new Blame.Charge("statement 1", 3)));
        sampled(1_310);
        ledger.logReadUpTo(nanos(9_000));
        assertThat(waited())
                .singleElement()
                .satisfies(wait -> assertThat(wait.behind()).isEqualTo("statement 1"));
        facts.clear();

        sampled(11_010, waiting(11_000, new Blame.Charge("other", 0)));
        sampled(13_000, waiting(11_000, new Blame.Charge("statement 1", 3)));
        sampled(13_310);
        ledger.logReadUpTo(nanos(19_000));
        assertThat(waited())
                .singleElement()
                .satisfies(wait -> assertThat(wait.behind()).isEqualTo("statement 1"));
    }

    /** Let out with the sampler's end; its line comes late, and after it the lines of two that nobody saw: they are no line of its. */
    @Test
    void aLateLineTellsOneWaitAlone() {
        ledger.logIsRead(Duration.ofMillis(1));
        sampled(1_010, waiting(1_000));
        sampled(1_030);
        ledger.logReadUpTo(nanos(4_000));
        assertThat(waited()).hasSize(1);

        acquired(1_020, 20);
        acquired(1_041, 20);
        acquired(1_062, 20);

        assertThat(ledger.lateLines()).isEqualTo(1);
        assertThat(waited())
                .extracting(Fact.Waited::source)
                .containsExactly(WaitLedger.SAMPLED, WaitLedger.FROM_LOG, WaitLedger.FROM_LOG);
    }

    /** The server leaves out the line of a wait whose backend got no processor. The next wait's is no line of it, however short. */
    @Test
    void aWaitWithoutALineTakesNoneOfThoseThatBeganWhenTheSessionHadWaitedAgain() {
        ledger.logIsRead(Duration.ofMillis(1));
        sampled(1_010, waiting(1_000));
        sampled(1_030, waiting(1_021));
        sampled(1_050);
        acquired(1_041, 20);
        ledger.logReadUpTo(nanos(4_000));

        acquired(3_020, 20);

        assertThat(ledger.lateLines()).isZero();
        assertThat(waited())
                .extracting(Fact.Waited::startNanos, Fact.Waited::source)
                .containsExactlyInAnyOrder(
                        tuple(nanos(1_000), WaitLedger.SAMPLED),
                        tuple(nanos(1_021), WaitLedger.FROM_LOG),
                        tuple(nanos(3_000), WaitLedger.FROM_LOG));
    }

    /** The same while it is held back. */
    @Test
    void aWaitThatIsHeldBackTakesNoLineOfALaterOneEither() {
        ledger.logIsRead(Duration.ofMillis(1));
        sampled(1_010, waiting(1_000));
        sampled(1_030, waiting(1_021));
        sampled(1_050);

        acquired(1_041, 20);
        acquired(1_080, 15);
        ledger.logReadUpTo(nanos(4_000));

        assertThat(waited())
                .extracting(Fact.Waited::startNanos, Fact.Waited::endNanos, Fact.Waited::source)
                .containsExactlyInAnyOrder(
                        tuple(nanos(1_000), nanos(1_030), WaitLedger.SAMPLED),
                        tuple(nanos(1_021), nanos(1_041), WaitLedger.FROM_LOG),
                        tuple(nanos(1_065), nanos(1_080), WaitLedger.FROM_LOG));
    }

    /** What nobody saw but the log is one of a session's waits, too: longer than that before it, so it is another. */
    @Test
    void afterAWaitOfTheLogAloneNoLineIsOfOneBeforeIt() {
        ledger.logIsRead(Duration.ofMillis(1));
        sampled(1_010, waiting(1_000));
        sampled(1_030);
        ledger.logReadUpTo(nanos(4_000));

        acquired(2_700, 900);
        acquired(2_750, 20);

        assertThat(ledger.lateLines()).isZero();
        assertThat(waited()).hasSize(3);
    }

    /** Its two lines are read after it was let out. The cancel a minute later ends no wait. */
    @Test
    void aLateLineLeavesNothingBehindThatACancelWouldEnd() {
        sampled(10_010, waiting(10_000));
        ledger.logIsLost();
        sampled(11_110);
        ledger.logIsRead(Duration.ofSeconds(1));

        stillWaiting(11_000, 1_000);
        acquired(11_100, 1_100);
        ledger.gaveUp(
                new LogEntry.GaveUp(micros(70_000), PID, "57014", "canceling statement due to statement timeout"));
        ledger.finish(nanos(80_000));

        assertThat(waited())
                .singleElement()
                .satisfies(wait -> assertThat(wait.endNanos()).isEqualTo(nanos(11_110)));
    }

    /** It was sent before the wait had ended, and its answer came when the log had told of that. */
    @Test
    void aLookThatIsOvertakenByTheLogShowsNoWaitAnew() {
        acquired(10_950, 1_050);
        ledger.sampled(nanos(11_100), nanos(400), List.of(waiting(9_900)));
        sampled(11_600, waiting(11_550));
        sampled(12_000);
        ledger.logReadUpTo(nanos(20_000));

        assertThat(waited())
                .extracting(Fact.Waited::startNanos, Fact.Waited::source)
                .containsExactly(tuple(nanos(9_900), WaitLedger.FROM_LOG), tuple(nanos(11_550), WaitLedger.SAMPLED));
    }

    /** The server writes a line when deadlock_timeout has passed in the queue: of 310 ms at most there is none that says 1 250. */
    @Test
    void aWaitThatIsTooShortForALineTakesNoneOfAnother() {
        sampled(1_010, waiting(1_000));
        sampled(1_310);

        stillWaiting(2_450, 1_000);
        acquired(2_700, 1_250);
        ledger.logReadUpTo(nanos(9_000));

        assertThat(waited())
                .extracting(Fact.Waited::startNanos, Fact.Waited::endNanos, Fact.Waited::source)
                .containsExactlyInAnyOrder(
                        tuple(nanos(1_000), nanos(1_310), WaitLedger.SAMPLED),
                        tuple(nanos(1_450), nanos(2_700), WaitLedger.FROM_LOG));
    }

    /** The same when it was let out before. */
    @Test
    void aWaitThatWasLetOutAndIsTooShortForALineTakesNoneEither() {
        sampled(1_010, waiting(1_000));
        sampled(1_310);
        ledger.logReadUpTo(nanos(2_000));

        acquired(2_700, 1_250);

        assertThat(ledger.lateLines()).isZero();
        assertThat(waited()).hasSize(2);
    }

    /** A session may have a deadlock_timeout of its own, which is shorter: its lines say so. */
    @Test
    void aLineOfAShorterTimeoutIsOfItsWait() {
        sampled(1_010, waiting(1_000));
        sampled(1_310);
        acquired(1_301, 300);
        ledger.logReadUpTo(nanos(9_000));

        assertThat(waited()).singleElement().satisfies(wait -> {
            assertThat(wait.endNanos()).isEqualTo(nanos(1_300));
            assertThat(wait.source()).isEqualTo(WaitLedger.FROM_LOG);
        });
    }

    /** Before PostgreSQL 14 a wait begins with the first look that shows it, and that may come late. */
    @Test
    void aLineIsOfAWaitThatWasSeenLate() {
        ledger.startsAreSampled();
        sampled(10_900, waiting(10_900));
        sampled(11_510);
        acquired(11_500, 1_500);
        ledger.logReadUpTo(nanos(20_000));

        assertThat(waited()).singleElement().satisfies(wait -> {
            assertThat(wait.startNanos()).isEqualTo(nanos(10_000));
            assertThat(wait.endNanos()).isEqualTo(nanos(11_500));
            assertThat(wait.source()).isEqualTo(WaitLedger.FROM_LOG);
        });
    }

    /** The error is of what came after the last wait, which was granted: the one before that was, too. */
    @Test
    void aCancelEndsNoWaitAfterWhichTheSessionWaitedAgain() {
        ledger.logIsRead(Duration.ofMillis(1));
        sampled(1_010, waiting(1_000));
        sampled(1_030, waiting(1_026));
        sampled(1_050);
        acquired(1_040, 14);
        ledger.gaveUp(new LogEntry.GaveUp(micros(1_045), PID, "57014", "canceling statement due to user request"));
        ledger.logReadUpTo(nanos(9_000));

        assertThat(waited()).extracting(Fact.Waited::ended).containsOnly(WaitLedger.GRANTED);
    }

    private void stillWaiting(long atMillis, long forMillis) {
        ledger.stillWaiting(new LogEntry.StillWaiting(
                micros(atMillis), PID, "AccessShareLock", "relation 1", forMillis * 1_000, List.of(), List.of(PID)));
    }

    private void acquired(long atMillis, long afterMillis) {
        ledger.acquired(
                new LogEntry.Acquired(micros(atMillis), PID, "AccessShareLock", "relation 1", afterMillis * 1_000));
    }

    private void sampled(long atMillis, WaitLedger.Seen... waits) {
        ledger.sampled(nanos(atMillis), List.of(waits));
    }

    private WaitLedger.Seen waiting(long sinceMillis) {
        return waiting(sinceMillis, new Blame.Charge("statement 1", 3));
    }

    private WaitLedger.Seen waiting(long sinceMillis, Blame.Charge charge) {
        return new WaitLedger.Seen(
                PID, "relation/1", "orders", LockMode.ACCESS_SHARE, "read_order", charge, micros(sinceMillis));
    }

    private List<Fact.Waited> waited() {
        return facts.stream()
                .filter(Fact.Waited.class::isInstance)
                .map(Fact.Waited.class::cast)
                .toList();
    }

    /** The server's clock has microseconds, ours nanoseconds. */
    private static org.assertj.core.data.Offset<Long> within() {
        return org.assertj.core.data.Offset.offset(1_000L);
    }

    private static long nanos(long millis) {
        return millis * 1_000_000;
    }

    private long micros(long millis) {
        return serverTime.microsAt(nanos(millis));
    }
}
