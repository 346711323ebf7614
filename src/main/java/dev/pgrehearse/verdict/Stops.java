package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Leftovers;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.Stop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a recording tells of a migration that was stopped half-way, as the scenario says. Pure. */
public final class Stops {
    private Stops() {}

    /** The stop of the whole migration; null when there was none. */
    public static @Nullable Stop of(Recording recording) {
        MigrationFacts migration = recording.migration();
        return migration == null ? null : migration.stop();
    }

    /** In whole sentences: when, how long it took to end, what was left, what cleaning took, when all was calm. */
    public static List<String> inWords(Recording recording) {
        MigrationFacts migration = recording.migration();
        Stop stop = of(recording);
        if (migration == null || stop == null) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        double start = migration.statements().isEmpty()
                ? stop.atMs()
                : migration.statements().get(0).startMs();
        words.add("The scenario stopped the migration " + Figures.duration(stop.atMs() - start) + " after its start; "
                + Figures.duration(stop.endedMs()) + " later nothing of it ran any more.");
        words.add(left(stop.leftovers()));
        if (!migration.state().isEmpty()) {
            words.add("Of its statements: "
                    + Statements.oneLine(migration.state()).replaceFirst("\\.$", "") + ".");
        }
        words.add(cleaning(migration, stop) + stillThere(recording, stop));
        words.add(calm(recording, stop));
        return words;
    }

    private static String left(@Nullable Leftovers leftovers) {
        if (leftovers == null) {
            return "What it had left then could not be read.";
        }
        List<String> parts = new ArrayList<>();
        add(parts, "INVALID indexes", leftovers.invalidIndexes());
        add(parts, "constraints NOT VALID", leftovers.notValidConstraints());
        add(parts, "other", leftovers.other());
        return parts.isEmpty()
                ? "It had left no INVALID index and no constraint NOT VALID that was not there before."
                : "It had left: " + String.join("; ", parts) + ".";
    }

    private static void add(List<String> parts, String what, List<String> names) {
        if (!names.isEmpty()) {
            parts.add(what + " " + String.join(", ", names));
        }
    }

    private static String cleaning(MigrationFacts migration, Stop stop) {
        Integer from = stop.cleaningFrom();
        Double took = stop.cleaningMs();
        if (from == null || took == null) {
            return from != null
                    ? "The cleaning was not begun."
                    : invalid(stop).isEmpty()
                            ? "There was no INVALID index to clean."
                            : "DROP INDEX CONCURRENTLY could drop none of the INVALID indexes.";
        }
        List<Statement> runs = migration.statements().stream()
                .filter(run -> run.index() >= from)
                .toList();
        double waited = runs.stream().mapToDouble(Statement::lockWaitMs).sum();
        int blocked = runs.stream()
                .mapToInt(run -> run.blocking().sessionsPeak())
                .max()
                .orElse(0);
        long failed = runs.stream().filter(run -> !run.outcome().equals("ok")).count();
        return "Cleaning took " + Figures.duration(took) + ", of which " + Figures.duration(waited)
                + " was waiting for locks; it blocked "
                + (blocked == 0 ? "nobody" : "at most " + Figures.count(blocked, "session", "sessions") + " at once")
                + (failed == 0 ? "." : "; not every try succeeded.");
    }

    private static List<String> invalid(Stop stop) {
        Leftovers leftovers = stop.leftovers();
        return leftovers == null ? List.of() : leftovers.invalidIndexes();
    }

    private static String stillThere(Recording recording, Stop stop) {
        List<String> still = invalid(stop).stream()
                .filter(recording.leftovers().invalidIndexes()::contains)
                .toList();
        return still.isEmpty() ? "" : " Still INVALID at the end: " + String.join(", ", still) + ".";
    }

    private static String calm(Recording recording, Stop stop) {
        Double calm = recording.recovery().calmAtMs();
        Phase recovery = Traffic.phase(recording, Phase.RECOVERY);
        if (calm != null) {
            double since = sinceStop(stop, calm);
            return since == 0
                    ? "The load was calm from the stop on."
                    : "The load was calm again, and stayed so, " + calmAgain(since) + " after the stop.";
        }
        return recovery == null
                ? "Whether the load was calm again was not watched."
                : "The load was not calm again within " + Figures.duration(recovery.endMs() - stop.atMs())
                        + " after the stop.";
    }

    /** Whether a run is one of the cleaning after the stop. */
    public static boolean isCleaning(Recording recording, Statement run) {
        Stop stop = of(recording);
        Integer from = stop == null ? null : stop.cleaningFrom();
        return from != null && run.index() >= from;
    }

    /** How long it took to be calm, as exactly as that is known: the load is looked at in pulses of about a second. */
    public static String calmAgain(double milliseconds) {
        return milliseconds <= 0
                ? Figures.duration(0)
                : "within " + Figures.count((long) Math.ceil(milliseconds / 1000), "s", "s");
    }

    /** How long after the stop the load was calm again. */
    public static double sinceStop(Stop stop, double calmAtMs) {
        return Math.max(0, calmAtMs - stop.atMs());
    }
}
