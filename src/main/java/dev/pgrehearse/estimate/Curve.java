package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.List;

/**
 * A sum of terms with their coefficients. Those that were fitted are not negative, since no operation gets faster by more
 * rows; beyond the top rung what was measured at the target may bend it either way.
 *
 * @param coefficients one a term, in the quantity's unit
 */
public record Curve(List<Term> terms, List<Double> coefficients) {
    public Curve {
        terms = List.copyOf(terms);
        coefficients = List.copyOf(coefficients);
    }

    /** Its value at a size. */
    public double at(double rows) {
        double sum = 0;
        for (int i = 0; i < terms.size(); i++) {
            sum += coefficients.get(i) * terms.get(i).at(rows);
        }
        return sum;
    }

    /** The same with one more term. */
    Curve plus(Term term, double coefficient) {
        List<Term> more = new ArrayList<>(terms);
        more.add(term);
        List<Double> theirs = new ArrayList<>(coefficients);
        theirs.add(coefficient);
        return new Curve(more, theirs);
    }

    /** Such as {@code a + bN + cN·log₂N}, with the terms alone that have a part in it. */
    public String shape() {
        StringBuilder shape = new StringBuilder();
        for (int i = 0; i < terms.size(); i++) {
            if (coefficients.get(i) != 0) {
                shape.append(shape.length() == 0 ? "" : " + ")
                        .append(symbol(terms.get(i).kind()));
            }
        }
        return shape.length() == 0 ? "0" : shape.toString();
    }

    private static String symbol(Term.Kind kind) {
        return switch (kind) {
            case ONE -> "a";
            case ROWS -> "bN";
            case ROWS_LOG_ROWS -> "cN·log₂N";
            case ROWS_ABOVE -> "dN above the cliff";
            case ROWS_LOG_BEYOND -> "eN·log₂(N/top)";
        };
    }
}
