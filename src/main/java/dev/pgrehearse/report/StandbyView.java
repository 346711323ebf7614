package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.recording.StandbyFacts.Behind;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A standby as the reports show it.
 *
 * @param lag how far it was behind, in whole sentences
 * @param spans the times in which it was behind by more than a second
 * @param blocked the reads that waited behind replay
 * @param reads what ran there, what replay cancelled, and what held it up
 */
record StandbyView(
        List<String> lag, List<String> spans, List<BlockedView> blocked, List<String> reads, List<Pair> settings) {
    private static final int MOST_SPANS = 20;

    /** A name and what stands beside it. */
    record Pair(String name, String value) {}

    /** Reads that waited, as text. */
    record BlockedView(String whose, String relation, String waits, String longest, String inAll, String operations) {}

    /** Null without a standby. */
    static @Nullable StandbyView of(Recording recording) {
        StandbyFacts standby = recording.standby();
        if (standby == null) {
            return null;
        }
        List<Pair> settings = new ArrayList<>();
        standby.settings().forEach((name, value) -> settings.add(new Pair(name, value)));
        return new StandbyView(
                lag(standby),
                standby.behind().stream()
                        .limit(MOST_SPANS)
                        .map(StandbyView::span)
                        .toList(),
                standby.blocked().stream().map(StandbyView::blocked).toList(),
                reads(standby),
                settings);
    }

    /** One line that tells the most of it. */
    String inBrief() {
        return String.join(" ", lag) + (reads.size() > 1 ? " " + String.join(" ", reads.subList(1, reads.size())) : "");
    }

    private static List<String> lag(StandbyFacts standby) {
        Double peak = standby.lagPeakMs();
        if (peak == null) {
            return List.of("How far the standby was behind was not measured.");
        }
        List<String> lines = new ArrayList<>();
        Double before = standby.baselineLagPeakMs();
        lines.add("The standby was behind by at most " + Figures.duration(peak) + " and "
                + Figures.bytes(
                        Objects.requireNonNullElse(standby.lagPeakBytes(), 0L).doubleValue())
                + " of WAL since the migration's start"
                + (before == null ? "." : ", by " + Figures.duration(before) + " before."));
        if (standby.behind().stream().anyMatch(behind -> behind.caughtUpMs() == null)) {
            lines.add("It had not caught up when the rehearsal ended.");
        }
        return lines;
    }

    private static String span(Behind behind) {
        Double caughtUp = behind.caughtUpMs();
        return "from " + Figures.moment(behind.startMs()) + " to "
                + (caughtUp == null ? "the end and beyond" : Figures.moment(caughtUp)) + ": by up to "
                + Figures.duration(behind.lagPeakMs()) + " and " + Figures.bytes((double) behind.lagPeakBytes());
    }

    private static BlockedView blocked(StandbyFacts.Blocked blocked) {
        return new BlockedView(
                blocked.statement() == null ? "none of the migration's" : "statement " + blocked.statement(),
                blocked.relation(),
                Figures.count(blocked.waits()),
                Figures.duration(blocked.longestMs()),
                Figures.duration(blocked.inAllMs()),
                String.join(", ", blocked.operations()));
    }

    private static List<String> reads(StandbyFacts standby) {
        List<String> lines = new ArrayList<>();
        lines.add(
                standby.operations().isEmpty()
                        ? "No operation ran there."
                        : "There ran: " + String.join(", ", standby.operations()) + ".");
        if (!standby.blocked().isEmpty()) {
            lines.add(Figures.count(
                            standby.blocked().stream()
                                    .mapToInt(StandbyFacts.Blocked::waits)
                                    .sum(),
                            "read",
                            "reads")
                    + " waited behind replay for locks, "
                    + Figures.duration(standby.blocked().stream()
                            .mapToDouble(StandbyFacts.Blocked::longestMs)
                            .max()
                            .orElse(0))
                    + " at most.");
        }
        if (standby.heldUpMs() > 0) {
            lines.add("Replay waited " + Figures.duration(standby.heldUpMs()) + " in all for reads.");
        }
        Map<String, Long> conflicts = standby.conflicts();
        if (conflicts == null) {
            lines.add("How many reads replay cancelled, by cause, is not known.");
        } else if (conflicts.values().stream().anyMatch(count -> count > 0)) {
            lines.add("Replay cancelled "
                    + String.join(
                            ", ",
                            conflicts.entrySet().stream()
                                    .filter(entry -> entry.getValue() > 0)
                                    .map(entry -> Figures.count(entry.getValue()) + " × " + entry.getKey())
                                    .toList())
                    + ".");
        } else {
            lines.add("Replay cancelled no read.");
        }
        return lines;
    }
}
