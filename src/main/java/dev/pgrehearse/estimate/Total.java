package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.verdict.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All statements of a migration together, with the pauses between them.
 *
 * @param central null when a statement is UNKNOWN
 * @param upper likewise
 * @param reasons in whole sentences
 */
record Total(@Nullable Double central, @Nullable Double upper, Answer answer, List<String> reasons) {
    /**
     * @param other where they are to be run; null for this machine
     * @param pauses between them
     * @param told what is to be known besides, in whole sentences
     * @param window that they are to fit; null for none
     */
    static Total of(
            List<StatementEstimate> statements,
            @Nullable OtherMachine other,
            Duration pauses,
            List<String> told,
            @Nullable Duration window) {
        List<Part> known = statements.stream()
                .map(statement -> Part.of(statement, other))
                .filter(Objects::nonNull)
                .toList();
        double between = pauses.toNanos() / 1e9;
        double central = between + known.stream().mapToDouble(Part::central).sum();
        double upper = between + known.stream().mapToDouble(Part::upper).sum();
        boolean whole = known.size() == statements.size() && !statements.isEmpty();
        List<String> reasons = new ArrayList<>();
        Answer answer = answer(whole, central, upper, window, reasons);
        if (!pauses.isZero()) {
            reasons.add("Its pauses are " + Figures.duration(pauses.toNanos() / 1e6) + " of that.");
        }
        for (StatementEstimate statement : statements) {
            Stream.concat(
                            statement.unknown().stream(),
                            other == null
                                    ? Stream.empty()
                                    : other.statement(statement.index()).stream()
                                            .flatMap(scaled -> scaled.unknown().stream()))
                    .forEach(why -> reasons.add("Statement " + statement.index() + " ("
                            + statement.operation().words() + "): " + why));
        }
        reasons.addAll(told);
        return new Total(whole ? central : null, whole ? upper : null, answer, reasons);
    }

    /** What one statement takes where it is to be run. */
    private record Part(double central, double upper) {
        /** Null when it is UNKNOWN. */
        static @Nullable Part of(StatementEstimate statement, @Nullable OtherMachine other) {
            Extrapolation here = statement.duration();
            if (here == null || other == null) {
                return here == null ? null : new Part(here.central(), here.upper());
            }
            return other.statement(statement.index())
                    .filter(scaled -> scaled.centralSeconds() != null && scaled.upperSeconds() != null)
                    .map(scaled -> new Part(
                            Objects.requireNonNull(scaled.centralSeconds()),
                            Objects.requireNonNull(scaled.upperSeconds())))
                    .orElse(null);
        }
    }

    /** Nothing can be told, for these reasons. */
    static Total none(List<String> reasons) {
        return new Total(null, null, Answer.UNKNOWN, List.copyOf(reasons));
    }

    private static Answer answer(
            boolean whole, double central, double upper, @Nullable Duration window, List<String> reasons) {
        if (window == null) {
            return whole ? Answer.FITS : Answer.UNKNOWN;
        }
        double bound = window.toMillis() / 1e3;
        String given = Figures.duration((double) window.toMillis());
        if (central > bound) {
            reasons.add((whole ? "It takes " : "What is known of it alone takes ") + Figures.duration(central * 1e3)
                    + ", and the window is " + given + ".");
            return Answer.DOES_NOT_FIT;
        }
        if (!whole) {
            return Answer.UNKNOWN;
        }
        if (upper > bound) {
            reasons.add("It takes " + Figures.duration(central * 1e3) + ", which fits the window of " + given
                    + ", but up to " + Figures.duration(upper * 1e3) + " in nine of ten cases, which does not.");
            return Answer.UNKNOWN;
        }
        reasons.add("It takes at most " + Figures.duration(upper * 1e3) + " in nine of ten cases, and the window is "
                + given + ".");
        return Answer.FITS;
    }
}
