package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.LadderPlan.Climbed;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.Shrinking;
import dev.pgrehearse.estimate.Shrinking.CannotShrink;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.verdict.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures sizes of a ladder again, with memory settings shrunk in proportion to their rows: for statements whose target is
 * above a cliff that too few of the sizes are above. The data are there already. Used once, by one thread.
 */
final class ShrunkClimb {
    /** Fewer show no curve, more say little more of it. */
    private static final int LEAST = 3;

    private static final int MOST = 5;

    /** What is sorted or hashed on disk, and a start with little memory, takes longer. */
    private static final double LONGER = 1.5;

    private final Site site;
    private final Estimator.Question question;
    private final QuietRungs quiet;

    ShrunkClimb(Site site, Estimator.Question question, QuietRungs quiet) {
        this.site = site;
        this.question = question;
        this.quiet = quiet;
    }

    /** A rung that is to be measured again. */
    private record Step(Rung rung, Shrinking.Settings settings, Duration expected) {}

    /**
     * Climbs it.
     *
     * @param rungs the plain ones, the smallest first; at least one
     * @param climbed what each of them took
     * @param budget of all rungs together
     * @return empty when no statement needs it, or it could help none
     */
    Optional<ShrunkLadder> climb(List<Rung> rungs, List<Climbed> climbed, Duration budget) {
        Shrinking shrinking = Shrinking.of(question, rungs);
        if (shrinking.statements().isEmpty()) {
            return Optional.empty();
        }
        List<Step> possible = new ArrayList<>();
        String cannot = null;
        for (int i = rungs.size() - 1; i >= 0; i--) {
            try {
                Duration took = climbed.get(i).took();
                possible.add(0, new Step(rungs.get(i), shrinking.at(rungs.get(i).rows()), Duration.ofNanos((long)
                        (LONGER * took.toNanos()))));
            } catch (CannotShrink why) {
                cannot = cannot == null ? at(rungs.get(i)) + why.getMessage() : cannot;
            }
        }
        if (possible.size() < LEAST) {
            return Optional.of(without(
                    shrinking,
                    "Nor can settings be shrunk in proportion at three rungs: "
                            + (cannot == null ? "there are only " + possible.size() : cannot) + "."));
        }
        Duration left = budget.minus(climbed.stream().map(Climbed::took).reduce(Duration.ZERO, Duration::plus));
        List<Step> steps = within(possible, left);
        if (steps.isEmpty()) {
            return Optional.of(without(
                    shrinking,
                    "The budget left " + Figures.duration(Math.max(0.0, (double) left.toMillis()))
                            + ", too little for a second ladder with shrunk settings."));
        }
        return Optional.of(climb(shrinking, steps));
    }

    private static String at(Rung rung) {
        return "at " + QuietRungs.inWords(rung.rows()) + " ";
    }

    private static ShrunkLadder without(Shrinking shrinking, String why) {
        return ShrunkLadder.of(shrinking, List.of(), null, why);
    }

    /** As many as fit, up to the largest that leaves room for enough below it; empty when none does. */
    private static List<Step> within(List<Step> possible, Duration left) {
        for (int end = possible.size(); end >= LEAST; end--) {
            for (int count = Math.min(MOST, end); count >= LEAST; count--) {
                List<Step> steps = possible.subList(end - count, end);
                Duration all = steps.stream().map(Step::expected).reduce(Duration.ZERO, Duration::plus);
                if (all.compareTo(left) <= 0) {
                    return steps;
                }
            }
        }
        return List.of();
    }

    private ShrunkLadder climb(Shrinking shrinking, List<Step> steps) {
        List<Rung> climbed = new ArrayList<>();
        @Nullable String refused = null;
        for (Step step : steps) {
            String name = site.variant().name() + "-shrunk-rung-" + (climbed.size() + 1);
            site.tell("rung " + (climbed.size() + 1) + " of " + steps.size() + " with shrunk settings, "
                    + QuietRungs.inWords(step.rung().rows()) + ", " + String.join(", ", inWords(step.settings())));
            try {
                Optional<Rung> rung = quiet.measure(
                        site.variant().with(step.settings().values()),
                        name,
                        step.rung().rows(),
                        step.settings().workers());
                if (rung.isEmpty()) {
                    break;
                }
                climbed.add(rung.get());
            } catch (RehearsalMistakes mistakes) {
                refused = String.join(" ", mistakes.mistakes());
                break;
            }
        }
        String obstacle = refused == null ? quiet.obstacle().orElse(null) : refused;
        return ShrunkLadder.of(
                shrinking,
                climbed,
                climbed.isEmpty() ? null : steps.get(climbed.size() - 1).settings(),
                climbed.size() >= LEAST || obstacle == null
                        ? null
                        : "Nor with settings shrunk in proportion: " + obstacle);
    }

    private static List<String> inWords(Shrinking.Settings settings) {
        List<String> words = new ArrayList<>();
        settings.values().forEach((name, value) -> words.add(name + " = " + value));
        return words;
    }
}
