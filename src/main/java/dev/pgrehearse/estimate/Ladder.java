package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One quantity at several sizes, the smallest first; no two of one size. */
public record Ladder(List<Measurement> rungs) {
    public Ladder {
        rungs = rungs.stream()
                .sorted(Comparator.comparingDouble(Measurement::rows))
                .toList();
        if (rungs.stream().map(Measurement::rows).distinct().count() != rungs.size()) {
            throw new IllegalArgumentException("two rungs of a ladder have the same size");
        }
    }

    public int size() {
        return rungs.size();
    }

    /** The rung of the largest size. */
    public Measurement top() {
        return rungs.get(rungs.size() - 1);
    }

    /** All rungs but the top. */
    public Ladder withoutTop() {
        return new Ladder(rungs.subList(0, rungs.size() - 1));
    }

    /**
     * The same, with more runs at the top rung's size, of some minutes later. Where all of them were faster than those, or all
     * slower, the machine was another: then the one minute counts as much as the other, and how far they are apart is the noise.
     */
    Ladder withMoreOfTheTop(Measurement more) {
        List<Double> values = new ArrayList<>();
        if (top().isApartFrom(more)) {
            values.add(top().central());
            values.add(more.central());
        } else {
            values.addAll(top().values());
            values.addAll(more.values());
        }
        List<Measurement> all = new ArrayList<>(withoutTop().rungs());
        all.add(new Measurement(top().rows(), values));
        return new Ladder(all);
    }

    /** The rungs above a size. */
    public Ladder above(double rows) {
        return new Ladder(rungs.stream().filter(rung -> rung.rows() > rows).toList());
    }

    /** What a straight line through the two largest rungs says; NaN with fewer than two. */
    public double straightLine(double rows) {
        if (size() < 2) {
            return Double.NaN;
        }
        Measurement below = rungs.get(size() - 2);
        double slope = (top().central() - below.central()) / (top().rows() - below.rows());
        return top().central() + slope * (rows - top().rows());
    }
}
