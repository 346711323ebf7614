package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.rehearsal.Faults;
import dev.pgrehearse.rehearsal.Measured;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Measures a variant's migration without load, one size at a time, as often as noise asks for. Used by one thread. */
final class QuietRungs {
    /** More repeats do not help where this many did not. */
    static final int MOST_REPEATS = 5;

    private final Site site;
    private final int repeat;
    private final Predicate<Duration> timeLeft;
    private @Nullable String obstacle;
    private boolean incomplete;
    private boolean interrupted;
    private @Nullable IOException fault;

    /**
     * At a site.
     *
     * @param repeat runs of each rung, at least; more where they differ
     * @param timeLeft whether there is so much time, for those more
     */
    QuietRungs(Site site, int repeat, Predicate<Duration> timeLeft) {
        this.site = site;
        this.repeat = repeat;
        this.timeLeft = timeLeft;
    }

    /** Why a rung could not be measured, in a whole sentence; empty when all could. */
    Optional<String> obstacle() {
        return Optional.ofNullable(obstacle);
    }

    /** Whether a rung could not be run to its end: a fault of the machine, or an interruption. */
    boolean incomplete() {
        return incomplete;
    }

    /** What could not be read, written or started; null when that was not it. */
    @Nullable
    IOException fault() {
        return fault;
    }

    /** Whether it was somebody who stopped it. */
    boolean interrupted() {
        return interrupted;
    }

    /**
     * Measures one size.
     *
     * @param variant with the settings that it is to run with
     * @param name of the rung, for its folders
     * @param workers that index builds get, by table; empty for what PostgreSQL gives
     * @return empty when it could not be measured, which {@link #obstacle} then tells
     * @throws RehearsalMistakes when the server refuses scripts or settings
     */
    Optional<Rung> measure(Variant variant, String name, Map<String, Long> rows, Map<String, Integer> workers)
            throws RehearsalMistakes {
        long began = System.nanoTime();
        return run(
                variant,
                name,
                new Rung(rows, List.of()),
                runs -> runs.size() < repeat
                        || (isNoisy(rows, runs)
                                && runs.size() < MOST_REPEATS
                                && timeLeft.test(Duration.ofNanos(System.nanoTime() - began)
                                        .dividedBy(runs.size()))),
                workers);
    }

    /**
     * Measures one size once, whatever may be said of its noise.
     *
     * @param name of the rung, for its folders
     * @param workers that index builds get, by table
     * @return empty when it could not be measured, which {@link #obstacle} then tells
     * @throws RehearsalMistakes when the server refuses scripts or settings
     */
    Optional<Rung> once(Variant variant, String name, Map<String, Long> rows, Map<String, Integer> workers)
            throws RehearsalMistakes {
        return run(variant, name, new Rung(rows, List.of()), List::isEmpty, workers);
    }

    /**
     * Measures a rung once more: at another time than before, so that a minute in which the machine was slow for somebody else's
     * sake is outweighed.
     *
     * @param name as before
     * @param workers as before
     * @return the rung with its runs so far and this one; empty when it failed, which {@link #obstacle} then tells
     * @throws RehearsalMistakes when the server refuses scripts or settings
     */
    Optional<Rung> again(Variant variant, String name, Rung rung, Map<String, Integer> workers)
            throws RehearsalMistakes {
        int before = rung.runs().size();
        return run(variant, name, rung, runs -> runs.size() == before, workers);
    }

    private Optional<Rung> run(
            Variant variant, String name, Rung rung, Predicate<List<Rung.Run>> more, Map<String, Integer> workers)
            throws RehearsalMistakes {
        Map<String, Long> rows = rung.rows();
        Rehearsal rehearsal = Planner.quiet(site.scenario(), variant, inWords(rows), rows, site.seed());
        List<Rung.Run> runs = new ArrayList<>(rung.runs());
        try (Rehearser rehearser = site.rehearser(rehearsal)) {
            rehearser.check();
            while (more.test(runs)) {
                String run = name + "-run-" + (runs.size() + 1);
                Measured measured = rehearser.measure(rehearsal, site.folderOf(run), workers);
                RecordingJson.write(measured.recording(), site.folderOf(run).resolve("recording.json"));
                if (!ranWell(measured.recording(), rows)) {
                    return Optional.empty();
                }
                runs.add(new Rung.Run(measured.recording(), measured.facts()));
            }
        } catch (InterruptedException stopped) {
            incomplete = true;
            interrupted = true;
            obstacle = couldNotBeRun(rows) + "it was interrupted.";
            return Optional.empty();
        } catch (IOException failure) {
            incomplete = true;
            fault = failure;
            obstacle = couldNotBeRun(rows) + String.join("; because: ", Faults.causes(failure));
            return Optional.empty();
        }
        return Optional.of(new Rung(rows, runs));
    }

    private static String couldNotBeRun(Map<String, Long> rows) {
        return "The rung of " + inWords(rows) + " could not be run: ";
    }

    private static boolean isNoisy(Map<String, Long> rows, List<Rung.Run> runs) {
        return runs.size() > 1 && new Rung(rows, runs).isNoisy();
    }

    private boolean ranWell(Recording recording, Map<String, Long> rows) {
        String fault = recording.fault();
        if (fault != null) {
            incomplete = true;
            interrupted = Rehearser.wasInterrupted(recording);
            obstacle = "The rung of " + inWords(rows) + " could not be run: " + fault;
            return false;
        }
        Recording.MigrationFacts migration = recording.migration();
        if (migration == null || !migration.outcome().equals("ok")) {
            obstacle = "The migration failed at the rung of " + inWords(rows) + ": " + failure(migration);
            return false;
        }
        return true;
    }

    private static String failure(Recording.@Nullable MigrationFacts migration) {
        return migration == null
                ? "it never began."
                : migration.statements().stream()
                        .filter(statement -> statement.error() != null)
                        .reduce((first, last) -> last)
                        .map(statement -> "statement " + statement.index() + " (" + statement.file() + ":"
                                + statement.line() + ") ended with " + statement.error())
                        .orElse(migration.outcome() + ".");
    }

    static String inWords(Map<String, Long> rows) {
        return rows.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(3)
                .map(table -> table.getKey() + " " + Figures.count(table.getValue()))
                .collect(Collectors.joining(", "));
    }
}
