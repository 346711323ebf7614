package dev.pgrehearse.estimate;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How durations that were measured here became those of another machine.
 *
 * @param calibratedAt when that machine was, ISO 8601 in UTC
 * @param factors one a probe
 * @param statements in the migration's order
 * @param hereCentralSeconds all statements together on this machine; null when one is UNKNOWN
 * @param hereUpperSeconds likewise
 * @param remarks on both machines, in whole sentences
 */
public record OtherMachine(
        String calibratedAt,
        List<Factor> factors,
        List<ScaledStatement> statements,
        @Nullable Double hereCentralSeconds,
        @Nullable Double hereUpperSeconds,
        List<String> remarks) {
    public OtherMachine {
        factors = List.copyOf(factors);
        statements = List.copyOf(statements);
        remarks = List.copyOf(remarks);
    }

    /** What becomes of a statement there; empty when it has none of that number. */
    public Optional<ScaledStatement> statement(int index) {
        return statements.stream().filter(scaled -> scaled.index() == index).findFirst();
    }
}
