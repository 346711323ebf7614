package dev.pgrehearse.recording;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Folds what the rehearsal took of disk and machine. */
final class ResourcesFold {
    /** A user looks for the few that grew. */
    private static final int MOST_TABLES = 100;

    /** Linux adds pressure up every 2 s ({@code PSI_FREQ}): a share of less than 10 s may be wrong by a fifth and more. */
    private static final double SHORTEST_PRESSURE_MICROS = 10e6;

    private final List<Fact> facts;
    private final Phases phases;

    ResourcesFold(List<Fact> facts, Phases phases) {
        this.facts = facts;
        this.phases = phases;
    }

    Resources fold(DiskFold disk, BackgroundFold background) {
        List<Fact.StatementRan> runs = all(Fact.StatementRan.class);
        List<TableGrowth> tables = tables();
        return new Resources(
                runs.isEmpty()
                        ? null
                        : disk.between(
                                        runs.get(0).startNanos(),
                                        runs.get(runs.size() - 1).endNanos())
                                .orElse(null),
                tables.stream().limit(MOST_TABLES).toList(),
                Math.max(0, tables.size() - MOST_TABLES),
                phases.judged().stream().flatMap(span -> machine(span).stream()).toList(),
                background.checkpoints(),
                background.autovacuums());
    }

    private List<TableGrowth> tables() {
        Optional<Fact.TablesMeasured> before = measured(false);
        Optional<Fact.TablesMeasured> after = measured(true);
        if (before.isEmpty() || after.isEmpty()) {
            return List.of();
        }
        return TableGrowth.between(before.get().tables(), after.get().tables());
    }

    private Optional<Fact.TablesMeasured> measured(boolean after) {
        return all(Fact.TablesMeasured.class).stream()
                .filter(tables -> tables.after() == after)
                .findFirst();
    }

    private Optional<MachineUse> machine(Phases.Span span) {
        List<Fact.MachineRead> reads = all(Fact.MachineRead.class);
        List<Fact.ServerCounted> counts = all(Fact.ServerCounted.class);
        Between<Fact.MachineRead> machine = between(reads, span, Fact.MachineRead::moment, Fact.MachineRead::atNanos);
        Between<Fact.ServerCounted> server =
                between(counts, span, Fact.ServerCounted::moment, Fact.ServerCounted::atNanos);
        if (machine == null && server == null) {
            return Optional.empty();
        }
        MachineTotals start = machine == null ? null : machine.start().totals();
        MachineTotals end = machine == null ? null : machine.end().totals();
        double micros = machine == null
                ? Double.NaN
                : (machine.end().atNanos() - machine.start().atNanos()) / 1e3;
        List<Fact.StatementRan> runs = all(Fact.StatementRan.class).stream()
                .filter(run -> phases.at(run.startNanos()).filter(span::equals).isPresent())
                .toList();
        return Optional.of(new MachineUse(
                span.name(),
                (span.endNanos() - span.startNanos()) / 1e6,
                share(start, end, MachineTotals::busyTicks),
                share(start, end, MachineTotals::ioWaitTicks),
                pressure(start, end, MachineTotals::cpuPressureMicros, micros),
                pressure(start, end, MachineTotals::ioPressureMicros, micros),
                millis(difference(start, end, MachineTotals::serverCpuNanos)),
                sum(runs, this::cpuMs),
                millis(difference(start, end, MachineTotals::toolCpuNanos)),
                difference(start, end, MachineTotals::serverReadBytes),
                difference(start, end, MachineTotals::serverWrittenBytes),
                rounded(sum(runs, run -> use(run, Fact.StatementUse::readBytes))),
                rounded(sum(runs, run -> use(run, Fact.StatementUse::writtenBytes))),
                difference(start, end, MachineTotals::toolReadBytes),
                difference(start, end, MachineTotals::toolWrittenBytes),
                counted(server, Fact.ServerCounted::walBytes),
                counted(server, Fact.ServerCounted::checkpointsTimed),
                counted(server, Fact.ServerCounted::checkpointsForced),
                counted(server, Fact.ServerCounted::checkpointBlocks)));
    }

    private record Between<T>(T start, T end) {}

    /** The reading at a phase's begin and the one after it; null when either is missing. */
    private static <T> @Nullable Between<T> between(
            List<T> reads, Phases.Span span, Function<T, String> moment, Function<T, Long> atNanos) {
        T start = reads.stream()
                .filter(read -> moment.apply(read).equals(span.name()))
                .findFirst()
                .orElse(null);
        if (start == null) {
            return null;
        }
        return reads.stream()
                .filter(read -> atNanos.apply(read) > atNanos.apply(start))
                .min(Comparator.comparing(atNanos))
                .map(end -> new Between<>(start, end))
                .orElse(null);
    }

    private static @Nullable Long counted(
            @Nullable Between<Fact.ServerCounted> server, Function<Fact.ServerCounted, Long> count) {
        return server == null ? null : (Long) (count.apply(server.end()) - count.apply(server.start()));
    }

    private static @Nullable Long difference(
            @Nullable MachineTotals start, @Nullable MachineTotals end, Function<MachineTotals, @Nullable Long> total) {
        if (start == null || end == null) {
            return null;
        }
        Long from = total.apply(start);
        Long to = total.apply(end);
        return from == null || to == null ? null : (Long) (to - from);
    }

    private static @Nullable Double share(
            @Nullable MachineTotals start, @Nullable MachineTotals end, Function<MachineTotals, @Nullable Long> ticks) {
        Long part = difference(start, end, ticks);
        Long all = difference(start, end, MachineTotals::totalTicks);
        return part == null || all == null || all <= 0 ? null : (Double) ((double) part / all);
    }

    private static @Nullable Double pressure(
            @Nullable MachineTotals start,
            @Nullable MachineTotals end,
            Function<MachineTotals, @Nullable Long> total,
            double micros) {
        Long part = difference(start, end, total);
        return part == null || micros < SHORTEST_PRESSURE_MICROS ? null : (Double) (part / micros);
    }

    private static @Nullable Double millis(@Nullable Long nanos) {
        return nanos == null ? null : (Double) (nanos / 1e6);
    }

    private static @Nullable Long rounded(@Nullable Double sum) {
        return sum == null ? null : (Long) Math.round(sum);
    }

    private @Nullable Double cpuMs(Fact.StatementRan run) {
        return all(Fact.StatementCost.class).stream()
                .filter(cost -> cost.index() == run.index() && cost.attempt() == run.attempt())
                .map(Fact.StatementCost::cpuMs)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private @Nullable Double use(Fact.StatementRan run, Function<Fact.StatementUse, @Nullable Long> figure) {
        return all(Fact.StatementUse.class).stream()
                .filter(use -> use.index() == run.index() && use.attempt() == run.attempt())
                .map(figure)
                .filter(Objects::nonNull)
                .map(Long::doubleValue)
                .findFirst()
                .orElse(null);
    }

    /** Null when there are none, or one of them is not known: a sum without it would be too low. */
    private static @Nullable Double sum(
            List<Fact.StatementRan> runs, Function<Fact.StatementRan, @Nullable Double> figure) {
        double sum = 0;
        for (Fact.StatementRan run : runs) {
            Double one = figure.apply(run);
            if (one == null) {
                return null;
            }
            sum += one;
        }
        return runs.isEmpty() ? null : (Double) sum;
    }

    private <T extends Fact> List<T> all(Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
