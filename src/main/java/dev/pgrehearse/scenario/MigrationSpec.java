package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is run as the migration, and how.
 *
 * @param steps run one after the other in one session; a plain {@code sql:} is one step
 * @param stop when the whole is stopped half-way; null for never
 * @param clean SQL files, absolute, that clean up after {@code stop}; empty for DROP INDEX CONCURRENTLY of each INVALID
 *     index that was not there before
 * @param lockTimeout {@code lock_timeout} of that session; null for the server's setting
 * @param statementTimeout {@code statement_timeout} of that session; null for the server's setting
 * @param retries what happens when a statement fails for a lock
 */
public record MigrationSpec(
        List<StepSpec> steps,
        @Nullable StopSpec stop,
        List<Path> clean,
        @Nullable Duration lockTimeout,
        @Nullable Duration statementTimeout,
        Retries retries) {
    public MigrationSpec {
        steps = List.copyOf(steps);
        clean = List.copyOf(clean);
    }

    /** Some scripts and nothing else. */
    public static MigrationSpec ofScripts(
            List<Path> scripts, @Nullable Duration lockTimeout, @Nullable Duration statementTimeout, Retries retries) {
        return new MigrationSpec(
                List.of(new StepSpec.Scripts(scripts, null)), null, List.of(), lockTimeout, statementTimeout, retries);
    }

    /** The SQL files of all steps, in their order. */
    public List<Path> scripts() {
        return steps.stream()
                .filter(StepSpec.Scripts.class::isInstance)
                .flatMap(step -> ((StepSpec.Scripts) step).scripts().stream())
                .toList();
    }

    /** How long nothing is run between its steps, all pauses together. */
    public Duration pauses() {
        return steps.stream()
                .filter(StepSpec.Pause.class::isInstance)
                .map(step -> ((StepSpec.Pause) step).length())
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** The same, one step right after the other. */
    public MigrationSpec withoutPauses() {
        return new MigrationSpec(
                steps.stream().filter(step -> !(step instanceof StepSpec.Pause)).toList(),
                stop,
                clean,
                lockTimeout,
                statementTimeout,
                retries);
    }

    /** The stops, of the whole and of steps, that are at a share of another variant's duration. */
    public List<StopSpec.OfVariant> stopsOfVariants() {
        return Stream.concat(Stream.ofNullable(stop), steps.stream().map(StepSpec::stop))
                .filter(StopSpec.OfVariant.class::isInstance)
                .map(StopSpec.OfVariant.class::cast)
                .toList();
    }

    /**
     * How often a statement, or the transaction it is in, is tried again after 55P03 or 40P01.
     *
     * @param max tries after the first; 0 for none
     * @param backoff the pause before each of them
     */
    public record Retries(int max, Duration backoff) {
        public static final Retries NONE = new Retries(0, Duration.ZERO);
    }
}
