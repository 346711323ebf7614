package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Behind whom each waiting backend waits. Out of one look at the lock table; immutable.
 *
 * <p>A wait is charged along the queue, not to whoever happens to be next in it: to the migration when the migration is
 * anywhere among those who are waited for, else to an adversary, else to somebody outside the rehearsal, else to the
 * workload itself. So the readers behind a waiting ALTER are the ALTER's, and the ALTER's own wait is the long read's.
 */
final class Blame {
    /**
     * Behind whom.
     *
     * @param behind as {@code recording.Recording.LockWait} has it
     * @param rank how strong the finding is: a wait keeps the strongest it was ever given; 0 when nobody was seen
     * @param through what somebody else waits for whose lock this wait is for; null when it is for a lock of theirs
     */
    record Charge(String behind, int rank, Fact.@Nullable Wanted through) {
        /** For a lock of theirs. */
        Charge(String behind, int rank) {
            this(behind, rank, null);
        }
    }

    private static final Charge NOBODY_SEEN = new Charge(Parties.OTHER, 0);

    private record Source(Charge charge, Map<Integer, LockRow> waiting) {}

    private final List<Source> sources = new ArrayList<>();
    private final Function<LockRow, String> names;

    /**
     * Out of a look.
     *
     * @param names what locked objects are called
     */
    Blame(LockTable table, Parties parties, Function<LockRow, String> names) {
        this.names = names;
        Set<Integer> workload = new HashSet<>();
        Set<Integer> autovacuum = new HashSet<>();
        Set<Integer> others = new HashSet<>();
        Set<Integer> observers = new HashSet<>();
        List<Source> adversaries = new ArrayList<>();
        if (table.queues().isEmpty()) {
            return;
        }
        for (int pid : table.pids()) {
            Sessions.Role role = parties.of(pid).role();
            switch (role) {
                case MIGRATION -> sources.add(source(table, parties.nameOf(pid), 3, Set.of(pid)));
                case ADVERSARY -> adversaries.add(source(table, parties.nameOf(pid), 2, Set.of(pid)));
                case WORKLOAD -> workload.add(pid);
                case OBSERVER -> observers.add(pid);
                case OTHER -> (parties.isAutovacuum(pid) ? autovacuum : others).add(pid);
            }
        }
        sources.addAll(adversaries);
        sources.add(source(table, Parties.OTHER, 1, others));
        sources.add(source(table, Parties.OBSERVER, 1, observers));
        sources.add(source(table, Parties.AUTOVACUUM, 1, autovacuum));
        sources.add(source(table, Parties.WORKLOAD, 1, workload));
    }

    private static Source source(LockTable table, String behind, int rank, Set<Integer> pids) {
        Map<Integer, LockRow> waiting = table.behindThrough(pids);
        if (pids.size() == 1) {
            // In a deadlock a backend waits for itself in the end; its wait is the others' all the same.
            waiting.keySet().removeAll(pids);
        }
        return new Source(new Charge(behind, rank), waiting);
    }

    /** Behind whom the backend waits; never behind itself. */
    Charge of(int pid) {
        for (Source source : sources) {
            LockRow through = source.waiting().get(pid);
            if (through != null) {
                Charge charge = source.charge();
                return through.pid() == pid
                        ? charge
                        : new Charge(
                                charge.behind(),
                                charge.rank(),
                                new Fact.Wanted(
                                        names.apply(through), through.mode().sqlName()));
            }
        }
        return NOBODY_SEEN;
    }
}
