package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Beginnings;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Fold;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Recording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that is run in a small heap: {@code ledger FOLDER} has a {@link WaitLedger} make a journal of a million waits that a
 * sampler and a log told of; {@code fold FOLDER} folds that journal, and prints how many waits the recording has.
 *
 * <p>A thousand sessions wait at once, a thousand times, for 2 ms each longer than the one before: what each wait's length is
 * comes from its number.
 */
final class MillionWaits {
    static final int SESSIONS = 1_000;
    static final int ROUNDS = 1_000;

    private static final long ROUND_NANOS = Duration.ofSeconds(5).toNanos();
    private static final Blame.Charge CHARGE = new Blame.Charge("statement 1", 3);

    private final RehearsalClock clock = RehearsalClock.start();
    private final ServerTime serverTime = new ServerTime(clock);
    private final long originMicros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.origin());

    private MillionWaits() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        if (arguments[0].equals("ledger")) {
            new MillionWaits().write(folder);
        } else {
            Recording recording = Fold.of(folder);
            System.out.println(recording.waits().seen() + " waits, the longest of " + longestMs(recording) + " ms");
        }
    }

    private static double longestMs(Recording recording) {
        return recording.lockWaits().stream()
                .mapToDouble(Recording.LockWait::durationMs)
                .max()
                .orElseThrow();
    }

    /** How long a session's wait is: from 1.5 s on, so that the log tells of it. */
    static long waitedMicros(int session) {
        return 1_500_000 + 2_000L * session;
    }

    private void write(Path folder) throws IOException {
        serverTime.add(serverTime.reading(originMicros, 0, 0));
        try (Journal journal = Journal.create(folder)) {
            journal.add(Beginnings.of("million"));
            journal.add(new Fact.PhaseBegan(Recording.Phase.BASELINE, 0));
            WaitLedger ledger = new WaitLedger(journal, serverTime, new Parties(new Sessions()));
            ledger.logIsRead(Duration.ofSeconds(1));
            for (int round = 0; round < ROUNDS; round++) {
                round(ledger, round * ROUND_NANOS);
                // As it is each second of a rehearsal, which these are not.
                journal.sync();
            }
            ledger.finish(ROUNDS * ROUND_NANOS);
            journal.add(new Fact.Ended(ROUNDS * ROUND_NANOS, null));
        }
    }

    private void round(WaitLedger ledger, long startNanos) {
        long startMicros = originMicros + startNanos / 1_000;
        List<WaitLedger.Seen> waiting = new ArrayList<>();
        for (int session = 0; session < SESSIONS; session++) {
            waiting.add(new WaitLedger.Seen(
                    session + 1, "relation/1", "orders", LockMode.ACCESS_SHARE, "read_order", CHARGE, startMicros));
        }
        ledger.sampled(startNanos + 20_000_000, waiting);
        ledger.sampled(startNanos + Duration.ofSeconds(4).toNanos(), List.of());
        for (int session = 0; session < SESSIONS; session++) {
            long waited = waitedMicros(session);
            ledger.acquired(
                    new LogEntry.Acquired(startMicros + waited, session + 1, "AccessShareLock", "relation 1", waited));
        }
        ledger.logReadUpTo(startNanos + Duration.ofMillis(4_500).toNanos());
    }
}
