package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom, out of one look at {@code pg_locks}. Immutable.
 *
 * <p>PostgreSQL serves the waiters of an object first come first served: a waiter waits for those who hold a conflicting
 * mode <em>and</em> for those who came earlier and want one. The second kind is why readers stand still behind an ALTER
 * TABLE that itself only waits. The order is that of {@code waitstart}, but who holds already what an earlier waiter waits
 * for goes before that one, or they would wait for each other ({@code ProcSleep} in {@code src/backend/storage/lmgr/proc.c}).
 */
final class LockTable {
    /** A wait that began a moment ago has no {@code waitstart} yet: it is the last. */
    private static final Comparator<LockRow> QUEUE_ORDER = Comparator.comparingLong(
                    (LockRow row) -> row.waitStartMicros() == 0 ? Long.MAX_VALUE : row.waitStartMicros())
            .thenComparingInt(LockRow::pid);

    /** Holders and waiters of one object; the waiters first come first. */
    record Queue(String object, List<LockRow> holders, List<LockRow> waiters) {
        /** Those holders that somebody in the queue has to wait for. */
        List<LockRow> holdersInTheWay() {
            EnumSet<LockMode> wanted = EnumSet.noneOf(LockMode.class);
            waiters.forEach(waiter -> wanted.add(waiter.mode()));
            return holders.stream()
                    .filter(holder -> wanted.stream().anyMatch(holder.mode()::conflictsWith))
                    .toList();
        }

        boolean involves(int pid) {
            return waiters.stream().anyMatch(row -> row.pid() == pid)
                    || holders.stream().anyMatch(row -> row.pid() == pid);
        }
    }

    private final List<LockRow> rows;
    private final List<Queue> queues;
    private final Map<Integer, LockRow> tupleLocks;

    LockTable(List<LockRow> rows) {
        this.rows = List.copyOf(rows);
        this.queues = queuesOf(rows);
        this.tupleLocks = rows.stream()
                .filter(LockRow::isHeldOnTuple)
                .collect(Collectors.toUnmodifiableMap(LockRow::pid, row -> row, (one, other) -> other));
    }

    /**
     * The lock that tells which row a waiter waits for: who is the first to wait for the transaction that changed a row has a lock on
     * that row meanwhile ({@code heap_acquire_tuplock} in {@code src/backend/access/heap/heapam.c}).
     *
     * @return empty when the waiter waits for something else, or for a row that it has no lock on
     */
    Optional<LockRow> rowOf(LockRow waiter) {
        return waiter.isForTransaction() ? Optional.ofNullable(tupleLocks.get(waiter.pid())) : Optional.empty();
    }

    List<LockRow> rows() {
        return rows;
    }

    /** The objects that somebody waits for. */
    List<Queue> queues() {
        return queues;
    }

    /** Everybody who waits, and for what. */
    List<LockRow> waiters() {
        return queues.stream().flatMap(queue -> queue.waiters().stream()).toList();
    }

    /** Every backend in the rows. */
    Set<Integer> pids() {
        Set<Integer> pids = new HashSet<>();
        rows.forEach(row -> pids.add(row.pid()));
        return pids;
    }

    /**
     * Everybody who waits for one of {@code sources}, directly or for somebody who does; the sources themselves only when
     * one waits for another.
     *
     * <p>A flood from the sources along the queues, so its cost is that of reading the queues a few times, whatever their
     * length.
     */
    Set<Integer> behind(Collection<Integer> sources) {
        return behindThrough(sources).keySet();
    }

    /**
     * The same, each with the wait through which it came to wait for a source: its own where that is for something that a source has or
     * wants, else that of whoever is in its way.
     */
    Map<Integer, LockRow> behindThrough(Collection<Integer> sources) {
        Flood flood = new Flood(Set.copyOf(sources));
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Queue queue : queues) {
                grown |= flood.through(queue);
            }
        }
        return flood.waiting;
    }

    private static final class Flood {
        private final Set<Integer> sources;
        private final Set<Integer> reached;
        private final Map<Integer, LockRow> waiting = new HashMap<>();

        private Flood(Set<Integer> sources) {
            this.sources = sources;
            this.reached = new HashSet<>(sources);
        }

        /** Whether it has reached somebody more. */
        private boolean through(Queue queue) {
            boolean grown = false;
            List<LockRow> ahead = new ArrayList<>();
            // The first of each mode is enough to know who is in the way, a source before others.
            Map<LockMode, LockRow> firstAhead = new EnumMap<>(LockMode.class);
            for (LockRow holder : queue.holders()) {
                if (reached.contains(holder.pid())) {
                    goesAhead(holder, ahead, firstAhead);
                }
            }
            for (LockRow waiter : queue.waiters()) {
                LockRow inTheWay = inTheWayOf(waiter, firstAhead);
                if (inTheWay != null
                        && !waiting.containsKey(waiter.pid())
                        && (!reached.contains(waiter.pid()) || blockedByAnother(ahead, waiter))) {
                    waiting.put(
                            waiter.pid(),
                            sources.contains(inTheWay.pid()) ? waiter : waiting.getOrDefault(inTheWay.pid(), waiter));
                    reached.add(waiter.pid());
                    grown = true;
                }
                if (reached.contains(waiter.pid())) {
                    goesAhead(waiter, ahead, firstAhead);
                }
            }
            return grown;
        }

        private void goesAhead(LockRow row, List<LockRow> ahead, Map<LockMode, LockRow> firstAhead) {
            ahead.add(row);
            firstAhead.merge(
                    row.mode(),
                    row,
                    (first, next) -> sources.contains(next.pid()) && !sources.contains(first.pid()) ? next : first);
        }

        private @Nullable LockRow inTheWayOf(LockRow waiter, Map<LockMode, LockRow> firstAhead) {
            LockRow inTheWay = null;
            for (Map.Entry<LockMode, LockRow> first : firstAhead.entrySet()) {
                if (waiter.mode().conflictsWith(first.getKey())
                        && (inTheWay == null
                                || sources.contains(first.getValue().pid()))) {
                    inTheWay = first.getValue();
                }
            }
            return inTheWay;
        }

        private static boolean blockedByAnother(List<LockRow> ahead, LockRow waiter) {
            return ahead.stream()
                    .anyMatch(row -> row.pid() != waiter.pid() && row.mode().conflictsWith(waiter.mode()));
        }
    }

    private static List<Queue> queuesOf(List<LockRow> rows) {
        Map<String, List<LockRow>> holders = new LinkedHashMap<>();
        Map<String, List<LockRow>> waiters = new LinkedHashMap<>();
        for (LockRow row : rows) {
            (row.granted() ? holders : waiters)
                    .computeIfAbsent(row.object(), object -> new ArrayList<>())
                    .add(row);
        }
        List<Queue> queues = new ArrayList<>();
        waiters.forEach((object, queue) -> {
            queue.sort(QUEUE_ORDER);
            List<LockRow> holding = List.copyOf(holders.getOrDefault(object, List.of()));
            queues.add(new Queue(object, holding, inOrder(queue, holding)));
        });
        return List.copyOf(queues);
    }

    private static List<LockRow> inOrder(List<LockRow> asTheyCame, List<LockRow> holders) {
        Map<Integer, Set<LockMode>> held = new HashMap<>();
        holders.forEach(row -> held.computeIfAbsent(row.pid(), pid -> EnumSet.noneOf(LockMode.class))
                .add(row.mode()));
        List<LockRow> order = new ArrayList<>(asTheyCame.size());
        for (LockRow waiter : asTheyCame) {
            order.add(place(order, held.getOrDefault(waiter.pid(), Set.of())), waiter);
        }
        return List.copyOf(order);
    }

    /** Before the first that wants what conflicts with a mode that is held; else at the end. */
    private static int place(List<LockRow> order, Set<LockMode> held) {
        if (!held.isEmpty()) {
            for (int i = 0; i < order.size(); i++) {
                if (held.stream().anyMatch(order.get(i).mode()::conflictsWith)) {
                    return i;
                }
            }
        }
        return order.size();
    }
}
