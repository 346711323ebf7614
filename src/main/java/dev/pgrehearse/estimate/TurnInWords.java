package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.BreakEven.Answer;
import dev.pgrehearse.estimate.Turn.Crossed;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Standstill;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says of a turn what it means at the target, and why. Used once. */
final class TurnInWords {
    private static final double TARGET = 1;
    private static final double WORTH_TELLING = 1.05;
    private static final String FARTHEST = Figures.times(StatementEstimator.LARGEST_RATIO) + " the top rung";

    private final Estimate estimate;
    private final List<Hold> holds;
    private final Durations durations;
    private final Turn turn;
    private final @Nullable Line line;
    private final @Nullable Double central;
    private final @Nullable Double from;
    private final @Nullable Double to;
    private final String table;

    /** @param ruling under load at the top rung: where that is NO-GO, it may be from there on whatever the curves say */
    TurnInWords(Estimate estimate, List<Hold> holds, Durations durations, Turn turn, Ruling ruling) {
        this.estimate = estimate;
        this.holds = holds;
        this.durations = durations;
        this.turn = turn;
        Optional<Crossed> decides = turn.decides();
        Optional<Crossed> earliest = turn.earliest();
        this.line = decides.or(() -> earliest).map(Crossed::line).orElse(null);
        this.central = decides.map(crossed -> crossed.crossing().central()).orElse(null);
        Double least = earliest.map(crossed -> crossed.crossing().from()).orElse(null);
        this.from = least != null && ruling == Ruling.NO_GO ? Double.valueOf(Math.min(least, durations.top())) : least;
        this.to = turn.to();
        this.table = tableOf(line == null ? turn.leastKnown().line() : line);
    }

    /** @param more what is to be known besides, in whole sentences */
    BreakEven breakEven(UnderLoad seen, List<String> more) {
        if (decidedByAConstant()) {
            return BreakEven.without(
                    Answer.SIZE_DECIDES_NOTHING, Ruling.NO_GO, concat(sizeDecidesNothing(), more), seen);
        }
        Answer answer = answer();
        List<String> reasons = new ArrayList<>(ofAnswer());
        reasons.addAll(ofLimits());
        if (growing().isEmpty()) {
            reasons.addAll(sizeDecidesNothing());
        }
        beyondReach().ifPresent(reasons::add);
        reasons.addAll(agreement(seen));
        reasons.addAll(more);
        return new BreakEven(
                answer,
                switch (answer) {
                    case GO, SIZE_DECIDES_NOTHING -> Ruling.GO;
                    case NO_GO_FROM -> Ruling.NO_GO;
                    case UNKNOWN, NOT_MEASURED -> Ruling.UNKNOWN;
                },
                line == null ? null : line.limit(),
                line == null ? null : line.holdsSeconds(),
                line == null || line.hold() == null ? null : line.first(),
                table,
                rows(central),
                rows(from == null || central == null ? from : Double.valueOf(Math.min(from, central))),
                rows(to == null || central == null ? to : Double.valueOf(Math.max(to, central))),
                central != null && central <= durations.smallest(),
                durations.rows(table, TARGET),
                durations.rows(table, turn.reach()),
                reachEnds(),
                reasons,
                seen);
    }

    /** Something that does not grow is too long for a limit already. */
    private boolean decidedByAConstant() {
        return central != null
                && line != null
                && line.hold() != null
                && !growing().contains(line.hold());
    }

    private static List<String> concat(List<String> first, List<String> more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(more);
        return all;
    }

    private Answer answer() {
        if (central != null && central <= TARGET) {
            return quickerBeyond().isPresent() ? Answer.UNKNOWN : Answer.NO_GO_FROM;
        }
        if ((from != null && from <= TARGET) || turn.reach() < TARGET) {
            return Answer.UNKNOWN;
        }
        return growing().isEmpty() && central == null && from == null ? Answer.SIZE_DECIDES_NOTHING : Answer.GO;
    }

    private List<String> ofAnswer() {
        if (answer() != Answer.UNKNOWN) {
            return List.of();
        }
        Optional<Cliff> quicker = quickerBeyond();
        if (quicker.isPresent()) {
            return List.of("Beyond " + atLeast(turn.reach()) + " "
                    + quicker.get().what() + ", and whether that makes it quick enough at the target nobody measured.");
        }
        if (from == null || from > TARGET) {
            return List.of(
                    "No limit is broken up to " + atLeast(turn.reach()) + ", and beyond that too little is known.");
        }
        return List.of("Nobody can tell whether it is GO or NO-GO at the target: it may turn from " + atLeast(from)
                + " on"
                + (central == null ? "" : ", most likely does at " + about(central))
                + (to == null ? "" : ", and surely has at " + SizeInWords.atMost(durations.rows(table, to))) + ".");
    }

    private @Nullable Double rows(@Nullable Double share) {
        return share == null ? null : durations.rows(table, share);
    }

    private String about(double share) {
        return SizeInWords.about(durations.rows(table, share)) + " rows of " + table;
    }

    private String atLeast(double share) {
        return SizeInWords.atLeast(durations.rows(table, share)) + " rows of " + table;
    }

    /** Of a lock the table that its longest statement goes by; of all statements the largest. */
    private String tableOf(Line found) {
        return estimate.statements().stream()
                .filter(statement -> found.hold() != null
                        && statement.index() >= found.first()
                        && statement.index() <= found.last()
                        && statement.table() != null
                        && statement.operation() != Operation.CATALOGUE)
                .max((one, other) -> Double.compare(top(one), top(other)))
                .map(StatementEstimate::table)
                .orElse(durations.largestTable());
    }

    private static double top(StatementEstimate statement) {
        return statement.rungs().isEmpty()
                ? 0
                : statement.rungs().get(statement.rungs().size() - 1).central();
    }

    /** What decides, and what may decide before it; without either, how far from its limit it is at the target. */
    private List<String> ofLimits() {
        List<String> words = new ArrayList<>();
        if (line != null && central != null) {
            words.add(what(line) + " From " + (central <= durations.smallest() ? "fewer than " : "about ")
                    + about(central) + " on that is " + line.words() + ".");
        }
        Line first = turn.earliest().map(Crossed::line).orElse(null);
        if (first != null && from != null && (central == null || !first.equals(line))) {
            words.add((words.isEmpty() ? what(first) + " From " : "Already from ") + atLeast(from) + " on that may be "
                    + first.words() + ".");
        }
        if (words.isEmpty()) {
            growing()
                    .forEach(hold -> hold.withWait(durations, TARGET)
                            .ifPresent(span -> words.add(what(hold) + " At the target that is "
                                    + Figures.duration(span.central() * 1e3) + ", at most "
                                    + Figures.duration(span.upper() * 1e3) + ", which breaks no limit.")));
        }
        return words;
    }

    private static String what(Line line) {
        Hold hold = line.hold();
        return hold == null ? "All statements together take the longer the more rows there are." : what(hold);
    }

    private static String what(Hold hold) {
        Standstill standstill = hold.standstill();
        String held = "Statement " + hold.first() + " holds " + standstill.what()
                + (hold.last() > hold.first()
                        ? " to the end of its transaction, while statements " + hold.first() + " to " + hold.last()
                                + " work"
                        : " for as long as it works");
        if (!standstill.met().isEmpty()) {
            return held + ", and under load " + String.join(" and ", standstill.met()) + " waited for that.";
        }
        return held
                + (standstill.couldMeet().isEmpty()
                        ? "; nobody of this workload does what that forbids, but whoever came would wait."
                        : "; no " + String.join(" and no ", standstill.couldMeet())
                                + " happened to wait for that, but could.");
    }

    private List<Hold> growing() {
        return holds.stream()
                .filter(hold -> hold.lasts()
                        && estimate.statements().stream()
                                .anyMatch(statement -> statement.index() >= hold.first()
                                        && statement.index() <= hold.last()
                                        && grows(statement)))
                .toList();
    }

    private static boolean grows(StatementEstimate statement) {
        return statement.operation() == Operation.UNSEEN
                ? !statement.known()
                : statement.operation() != Operation.CATALOGUE;
    }

    private List<String> sizeDecidesNothing() {
        List<String> words = new ArrayList<>();
        for (Hold hold : holds) {
            words.add("Statement " + hold.first() + " held " + hold.standstill().what() + " for "
                    + Figures.duration(hold.standstill().heldMs())
                    + " under load, which does not depend on the size: it "
                    + (hold.lasts()
                            ? "touches the catalogue alone."
                            : "gives it back after each batch, or never had it."));
        }
        if (holds.isEmpty()) {
            words.add(
                    "No statement takes a lock that forbids this workload anything: whom it makes wait does not depend on"
                            + " the size.");
        }
        for (StatementEstimate statement : estimate.statements()) {
            if (statement.operation() == Operation.CONCURRENT_BUILD) {
                words.add("Statement " + statement.index()
                        + " waits for transactions that are older than itself. Those are"
                        + " the workload's, and do not depend on the size either.");
            }
        }
        return words;
    }

    private Optional<String> beyondReach() {
        Crossed least = turn.leastKnown();
        double reach = least.crossing().reach();
        if (central != null && central <= reach) {
            return Optional.empty();
        }
        return Optional.of("Beyond " + atLeast(reach)
                + (isTheFarthest(least)
                        ? ", " + FARTHEST + ", nothing is said."
                        : " nothing is said. "
                                + String.join(
                                        " ",
                                        durations.unknown(
                                                reach * WORTH_TELLING,
                                                least.line().first(),
                                                least.line().last()))));
    }

    private @Nullable String reachEnds() {
        Crossed least = turn.leastKnown();
        return isTheFarthest(least)
                ? FARTHEST
                : cliffBeyond(least).map(cliff -> "cliff: " + cliff.what()).orElse(null);
    }

    /** Rows are whole: a small table may have its hundredfold a little earlier. */
    private boolean isTheFarthest(Crossed crossed) {
        return crossed.crossing().reach() >= durations.farthest() / WORTH_TELLING
                && cliffBeyond(crossed).isEmpty();
    }

    private Optional<Cliff> cliffBeyond(Crossed crossed) {
        double reach = crossed.crossing().reach();
        return reach >= durations.farthest()
                ? Optional.empty()
                : durations.cliff(
                        reach * WORTH_TELLING,
                        crossed.line().first(),
                        crossed.line().last());
    }

    /** Where a worker more takes part before the target, and no rung shows it: all other cliffs make it slower only. */
    private Optional<Cliff> quickerBeyond() {
        return turn.decides()
                .filter(crossed -> crossed.crossing().reach() > durations.top()
                        && crossed.crossing().reach() < TARGET)
                .flatMap(this::cliffBeyond)
                .filter(cliff -> cliff.kind() == Cliff.Kind.PARALLEL);
    }

    private List<String> agreement(UnderLoad seen) {
        List<String> words =
                new ArrayList<>(seen.checks().stream().map(Checks::inWords).toList());
        holds.stream()
                .filter(hold -> hold.factor() > WORTH_TELLING)
                .forEach(
                        hold -> words.add(
                                "Under load " + hold.standstill().what() + " was held "
                                        + Figures.times(Math.round(hold.factor() * 100) / 100.0)
                                        + " as long as in quiet runs, and is counted so at any size; the largest of the sizes told is that without it."));
        return words;
    }
}
