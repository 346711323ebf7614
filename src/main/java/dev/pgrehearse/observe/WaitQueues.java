package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.LockWaits;
import dev.pgrehearse.recording.LockWaits.Ahead;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom waits stand behind, each different list written once ({@link Fact.QueueListed}).
 *
 * <p>Neighbours that do the same are one entry, and of the last entry the number is left to the wait: so a thousand readers
 * behind one ALTER share one list. Memory is bounded; a list that was forgotten is written again under a new number. Used by
 * one thread at a time.
 */
final class WaitQueues {
    /** Entries of one list; who comes after them is told as one. */
    static final int ENTRIES = 20;

    private static final int REMEMBERED = 4_096;

    /** Where a wait stands: behind which list, of how many sessions. */
    record Standing(int number, int ahead) {}

    private final FactSink facts;
    private final Map<List<Ahead>, Integer> numbers = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Ahead>, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };
    private int written;

    WaitQueues(FactSink facts) {
        this.facts = facts;
    }

    /** Where somebody stands behind those; null when nobody was seen to be ahead. */
    @Nullable
    Standing behind(Line line) {
        if (line.sessions == 0) {
            return null;
        }
        List<Ahead> list = line.list();
        Integer number = numbers.get(list);
        if (number == null) {
            number = ++written;
            numbers.put(list, number);
            facts.add(new Fact.QueueListed(number, list));
        }
        return new Standing(number, line.sessions);
    }

    /** Sessions one behind the other. */
    static final class Line {
        private final List<Ahead> entries = new ArrayList<>();
        private int sessions;
        private int unlisted;

        /** One more at the end. */
        Line add(String who, String mode, boolean holds) {
            sessions++;
            int last = entries.size() - 1;
            Ahead before = last < 0 ? null : entries.get(last);
            Integer count = before == null ? null : before.sessions();
            if (unlisted > 0) {
                unlisted++;
            } else if (before != null
                    && count != null
                    && before.who().equals(who)
                    && before.mode().equals(mode)
                    && before.holds() == holds) {
                entries.set(last, new Ahead(who, mode, holds, count + 1));
            } else if (entries.size() < ENTRIES) {
                entries.add(new Ahead(who, mode, holds, 1));
            } else {
                unlisted++;
            }
            return this;
        }

        private List<Ahead> list() {
            List<Ahead> list = new ArrayList<>(entries);
            if (unlisted > 0) {
                list.add(new Ahead(LockWaits.FURTHER, "", false, null));
            } else {
                Ahead last = list.remove(list.size() - 1);
                list.add(new Ahead(last.who(), last.mode(), last.holds(), null));
            }
            return List.copyOf(list);
        }

        /** These, and those of another line behind them. */
        private Line and(Line others) {
            Line both = new Line();
            both.entries.addAll(entries);
            both.sessions = sessions + others.sessions;
            both.unlisted = unlisted;
            for (Ahead next : others.entries) {
                if (both.unlisted == 0 && both.entries.size() < ENTRIES) {
                    both.entries.add(next);
                } else {
                    Integer count = next.sessions();
                    both.unlisted += count == null ? 0 : count;
                }
            }
            both.unlisted += others.unlisted;
            return both;
        }
    }

    /** One queue of one look at the lock table, with what has been worked out of it. Only for as long as that look. */
    static final class Look {
        private final LockTable.Queue queue;
        private final Parties parties;
        private final Map<EnumSet<LockMode>, Line> holders = new HashMap<>();
        private final EnumSet<LockMode> wanted = EnumSet.noneOf(LockMode.class);
        private Line waiters = new Line();
        private int counted;

        Look(LockTable.Queue queue, Parties parties) {
            this.queue = queue;
            this.parties = parties;
        }

        /** Whom the waiter at a place of the queue, from 0, stands behind. Places are best asked for in order. */
        Line ahead(int place) {
            if (place < counted) {
                counted = 0;
                waiters = new Line();
                wanted.clear();
            }
            for (; counted < place; counted++) {
                LockRow row = queue.waiters().get(counted);
                waiters.add(parties.nameOf(row.pid()), row.mode().sqlName(), false);
                wanted.add(row.mode());
            }
            LockRow waiter = queue.waiters().get(place);
            EnumSet<LockMode> modes = EnumSet.copyOf(wanted);
            modes.add(waiter.mode());
            Line line = holds(waiter.pid())
                    ? holdersInTheWay(modes, waiter.pid())
                    : holders.computeIfAbsent(modes, all -> holdersInTheWay(all, 0));
            return line.and(waiters);
        }

        private boolean holds(int pid) {
            return queue.holders().stream().anyMatch(row -> row.pid() == pid);
        }

        private Line holdersInTheWay(EnumSet<LockMode> wanted, int without) {
            Line line = new Line();
            for (LockRow row : queue.holders()) {
                boolean inTheWay = row.pid() != without && wanted.stream().anyMatch(row.mode()::conflictsWith);
                if (inTheWay) {
                    line.add(parties.nameOf(row.pid()), row.mode().sqlName(), true);
                }
            }
            return line;
        }
    }
}
