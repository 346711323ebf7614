package dev.pgrehearse.rehearsal;

import dev.pgrehearse.migration.Cleaning;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.migration.StopSeen;
import dev.pgrehearse.observe.LeftBehind;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a stopped migration left, and has it cleaned: by the scenario's own script, or else by dropping each INVALID
 * index that was not there before and that DROP INDEX CONCURRENTLY can drop; what it cannot is told. Used by the
 * migration's thread.
 */
final class AfterStop implements Cleaning {
    /** How statements of ours name their script. */
    private static final String FILE = "cleaning";

    /** The observer's own statements are given up after 10 s. */
    private static final long READING_BOUND_SECONDS = 15;

    private final FactSink facts;
    private final Observer observer;

    AfterStop(FactSink facts, Observer observer) {
        this.facts = facts;
        this.observer = observer;
    }

    @Override
    public List<SqlStatement> after(StopSeen stop, List<SqlStatement> given, int firstIndex) {
        LeftBehind left = leftBehind();
        List<SqlStatement> cleaning =
                !given.isEmpty() || left == null ? given : drops(left.invalidIndexes(), firstIndex);
        if (given.isEmpty() && left != null && !left.undroppable().isEmpty()) {
            facts.add(new Fact.Happened(
                    stop.endedNanos(),
                    "cleaning",
                    "left as it is, for DROP INDEX CONCURRENTLY cannot drop it: "
                            + String.join(", ", left.undroppable())));
        }
        facts.add(new Fact.MigrationStopped(
                stop.askedNanos(),
                stop.endedNanos(),
                left == null ? null : left.leftovers(),
                cleaning.isEmpty() ? null : firstIndex));
        return cleaning;
    }

    private static List<SqlStatement> drops(List<String> indexes, int firstIndex) {
        List<SqlStatement> drops = new ArrayList<>();
        for (String index : indexes) {
            drops.add(new SqlStatement(
                    firstIndex + drops.size(),
                    FILE,
                    1 + drops.size(),
                    1,
                    "DROP INDEX CONCURRENTLY IF EXISTS " + index));
        }
        return drops;
    }

    /** Null when it could not be read, which is then a doubt. */
    private @Nullable LeftBehind leftBehind() {
        String why;
        try {
            return observer.leftBehind().get(READING_BOUND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            why = Faults.inWords(failure);
        } catch (TimeoutException late) {
            why = "the observer had no answer within " + READING_BOUND_SECONDS + " s";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            why = "the rehearsal was interrupted";
        }
        facts.add(new Fact.Doubted(new Recording.Doubt(
                "stop-leftovers-not-read",
                "What the migration had left when it was stopped is not known, and no INVALID index was dropped: " + why
                        + ".")));
        return null;
    }
}
