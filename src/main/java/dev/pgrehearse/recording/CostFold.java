package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Folds what each run of each statement cost. */
final class CostFold {
    private static final String BEFORE_ITS_COMMIT =
            "It ran in a transaction of the script: files that it made were not committed by its end, so the growth of its"
                    + " tables is known only where it kept their files. What its COMMIT brought to light is told there.";

    private record RunKey(int index, int attempt) {
        static RunKey of(Fact.StatementRan run) {
            return new RunKey(run.index(), run.attempt());
        }
    }

    private final Map<RunKey, Fact.StatementUse> uses = new HashMap<>();
    private final Map<RunKey, Fact.TablesGrew> growths = new HashMap<>();
    private final Map<Fact.StatementRan, List<Recording.Lock>> locks;
    private final DiskFold disk;
    private final BackgroundFold background;

    CostFold(
            List<Fact> facts,
            Map<Fact.StatementRan, List<Recording.Lock>> locks,
            DiskFold disk,
            BackgroundFold background) {
        // Of all facts at once: there may be a million of them, and a thousand runs.
        for (Fact fact : facts) {
            if (fact instanceof Fact.StatementUse use) {
                uses.put(new RunKey(use.index(), use.attempt()), use);
            } else if (fact instanceof Fact.TablesGrew grew) {
                growths.put(new RunKey(grew.index(), grew.attempt()), grew);
            }
        }
        this.locks = locks;
        this.disk = disk;
        this.background = background;
    }

    Cost of(Fact.StatementRan run) {
        Optional<Fact.StatementUse> use = Optional.ofNullable(uses.get(RunKey.of(run)));
        Optional<Fact.TablesGrew> grew = Optional.ofNullable(growths.get(RunKey.of(run)));
        Optional<DiskUse> sampled = disk.between(run.startNanos(), run.endNanos());
        List<String> unknown = new ArrayList<>();
        use.map(Fact.StatementUse::unknown).ifPresent(unknown::add);
        if (use.isEmpty()) {
            unknown.add("The rehearsal ended before its costs could be read.");
        }
        if (run.transaction() != 0) {
            unknown.add(BEFORE_ITS_COMMIT);
        }
        return new Cost(
                use.map(Fact.StatementUse::counters).orElse(null),
                use.map(Fact.StatementUse::readBytes).orElse(null),
                use.map(Fact.StatementUse::writtenBytes).orElse(null),
                use.map(Fact.StatementUse::memoryPeakBytes).orElse(null),
                sampled.orElse(null),
                grew.map(tables -> touched(run, tables.tables())).orElse(List.of()),
                background.checkpointsDuring(run),
                unknown);
    }

    /**
     * Of the tables that changed meanwhile, those that the statement or one before it in its transaction locked, made or dropped; the rest
     * is the load's. What a transaction has written anew is seen when it commits.
     */
    private List<TableGrowth> touched(Fact.StatementRan run, List<TableGrowth> tables) {
        Set<String> locked = locks.entrySet().stream()
                .filter(entry -> entry.getKey().equals(run) || isBeforeInItsTransaction(entry.getKey(), run))
                .flatMap(entry -> entry.getValue().stream())
                .map(Recording.Lock::relation)
                .collect(Collectors.toSet());
        return tables.stream()
                .filter(table -> locked.contains(table.table())
                        || table.heapBefore() + table.indexBefore() == 0
                        || table.heapAfter() + table.indexAfter() == 0)
                .toList();
    }

    private static boolean isBeforeInItsTransaction(Fact.StatementRan other, Fact.StatementRan run) {
        return run.transaction() != 0
                && other.transaction() == run.transaction()
                && other.startNanos() < run.startNanos();
    }
}
