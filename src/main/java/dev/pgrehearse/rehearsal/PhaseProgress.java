package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.observe.StatementAdvance;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Tells how far the migration's statement has come: each phase of it is a task. Used by one thread. */
final class PhaseProgress {
    private static final long AGAIN_NANOS = 1_000_000_000;

    private final Progress progress;
    private final RehearsalClock clock;
    private final String rehearsal;
    private @Nullable String task;
    private long toldNanos;

    PhaseProgress(Progress progress, RehearsalClock clock, String rehearsal) {
        this.progress = progress;
        this.clock = clock;
        this.rehearsal = rehearsal;
    }

    /** What is known now; null when nothing is, and then the phase is over. */
    void tell(@Nullable StatementAdvance now) {
        String next = now == null ? null : name(now);
        String before = task;
        if (!Objects.equals(before, next)) {
            if (before != null) {
                progress.report(ProgressEvent.finished(before));
            }
            task = next;
            if (now != null && next != null) {
                progress.report(ProgressEvent.started(next, total(now), unit(now)));
                toldNanos = clock.nanos();
            }
        } else if (now != null && next != null && clock.nanos() - toldNanos >= AGAIN_NANOS) {
            toldNanos = clock.nanos();
            OptionalLong remaining = now.remainingMs();
            progress.report(ProgressEvent.advanced(
                    next,
                    now.done(),
                    total(now),
                    unit(now),
                    remaining.isPresent() ? (Long) remaining.getAsLong() : null));
        }
    }

    private static long total(StatementAdvance now) {
        Long total = now.total();
        return total == null ? 0 : total;
    }

    /** Rows and bytes of a migration are not those of a load, whose end the console foretells by itself. */
    private static @Nullable String unit(StatementAdvance now) {
        String unit = now.unit();
        if (unit == null) {
            return null;
        }
        return switch (unit) {
            case "rows" -> "rows changed";
            case "bytes" -> "bytes written";
            default -> unit;
        };
    }

    private String name(StatementAdvance now) {
        return rehearsal + ": statement " + now.statement() + ": " + now.phase()
                + (now.relation() == null ? "" : " (" + now.relation() + ")");
    }
}
