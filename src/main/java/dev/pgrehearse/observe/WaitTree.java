package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.QueueOverTime.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One look at the lock table as a tree: holders, those who wait for them, those behind these. Each waits for several as a
 * rule; in the tree it hangs below the one who stands nearest ahead of it. Stateless.
 *
 * <p>Its cost grows with the number of sessions, not with its square.
 */
final class WaitTree {
    /** So many groups of sessions are told; how many sessions the others are is told, too. */
    static final int NODES = 40;

    /** Who a session waits for (0 for nobody), and for what. */
    private record Member(int pid, int ahead, LockRow row) {
        private boolean waits() {
            return !row.granted();
        }
    }

    private record Group(int parent, String who, String relation, LockMode mode, boolean waits) {}

    /** How long sessions have waited, in milliseconds; and their names. */
    interface Words {
        String nameOf(int pid);

        String relationOf(LockRow row);

        double waitedMs(LockRow row);
    }

    private WaitTree() {}

    /** All who are tied to a session by waiting, on whatever objects; empty when it stands in no queue. */
    static Set<Integer> tiedTo(int pid, LockTable table) {
        Map<Integer, List<LockTable.Queue>> queuesOf = new HashMap<>();
        for (LockTable.Queue queue : table.queues()) {
            for (LockRow row : rowsOf(queue)) {
                queuesOf.computeIfAbsent(row.pid(), absent -> new ArrayList<>()).add(queue);
            }
        }
        Set<Integer> tied = new LinkedHashSet<>();
        Set<LockTable.Queue> seen = new HashSet<>();
        Deque<Integer> next = new ArrayDeque<>();
        if (queuesOf.containsKey(pid)) {
            next.add(pid);
            tied.add(pid);
        }
        while (!next.isEmpty()) {
            for (LockTable.Queue queue : queuesOf.getOrDefault(next.remove(), List.of())) {
                if (seen.add(queue)) {
                    rowsOf(queue).stream().map(LockRow::pid).filter(tied::add).forEach(next::add);
                }
            }
        }
        return tied;
    }

    private static List<LockRow> rowsOf(LockTable.Queue queue) {
        List<LockRow> rows = new ArrayList<>(queue.holdersInTheWay());
        rows.addAll(queue.waiters());
        return rows;
    }

    /** The tree of those sessions. */
    static Fact.Tree of(Set<Integer> tied, LockTable table, Words words) {
        Map<Integer, Member> members = members(tied, table);
        Map<Integer, List<Member>> behind = new HashMap<>();
        members.values()
                .forEach(member -> behind.computeIfAbsent(member.ahead(), absent -> new ArrayList<>())
                        .add(member));
        Builder builder = new Builder(words);
        builder.place(behind.getOrDefault(0, List.of()), -1);
        builder.grow(behind);
        // In a circle nobody waits for nobody: it is opened at the one who came first.
        for (Member member : members.values()) {
            if (!builder.placed.contains(member.pid())) {
                builder.place(List.of(member), -1);
                builder.grow(behind);
            }
        }
        int waiting = (int) members.values().stream().filter(Member::waits).count();
        return builder.tree(waiting);
    }

    /** Those who wait, first come first, then those who only hold. */
    private static Map<Integer, Member> members(Set<Integer> tied, LockTable table) {
        Map<Integer, Member> members = new LinkedHashMap<>();
        Map<Integer, LockRow> holders = new LinkedHashMap<>();
        for (LockTable.Queue queue : table.queues()) {
            List<LockRow> inTheWay = queue.holdersInTheWay();
            inTheWay.stream()
                    .filter(row -> tied.contains(row.pid()))
                    .forEach(row -> holders.merge(row.pid(), row, WaitTree::stronger));
            Map<LockMode, Integer> nearest = new EnumMap<>(LockMode.class);
            for (int place = 0; place < queue.waiters().size(); place++) {
                LockRow row = queue.waiters().get(place);
                if (tied.contains(row.pid())) {
                    members.putIfAbsent(row.pid(), new Member(row.pid(), ahead(row, queue, inTheWay, nearest), row));
                }
                nearest.put(row.mode(), place);
            }
        }
        holders.forEach((pid, row) -> members.putIfAbsent(pid, new Member(pid, 0, row)));
        return members;
    }

    private static int ahead(
            LockRow row, LockTable.Queue queue, List<LockRow> inTheWay, Map<LockMode, Integer> nearest) {
        int place = nearest.entrySet().stream()
                .filter(entry -> entry.getKey().conflictsWith(row.mode()))
                .mapToInt(Map.Entry::getValue)
                .max()
                .orElse(-1);
        if (place >= 0) {
            return queue.waiters().get(place).pid();
        }
        return inTheWay.stream()
                .filter(holder -> holder.pid() != row.pid() && holder.mode().conflictsWith(row.mode()))
                .mapToInt(LockRow::pid)
                .findFirst()
                .orElse(0);
    }

    private static LockRow stronger(LockRow one, LockRow other) {
        return one.mode().compareTo(other.mode()) >= 0 ? one : other;
    }

    private static final class Builder {
        private final Words words;
        private final Map<Group, Integer> numbers = new LinkedHashMap<>();
        private final List<List<Member>> sessions = new ArrayList<>();
        private final Set<Integer> placed = new HashSet<>();
        private int grown;

        private Builder(Words words) {
            this.words = words;
        }

        /** Puts sessions below a group, those that do the same into one. */
        private void place(List<Member> below, int parent) {
            for (Member member : below) {
                if (!placed.add(member.pid())) {
                    continue;
                }
                LockRow row = member.row();
                Group group = new Group(
                        parent, words.nameOf(member.pid()), words.relationOf(row), row.mode(), member.waits());
                Integer number = numbers.get(group);
                if (number == null) {
                    number = sessions.size();
                    numbers.put(group, number);
                    sessions.add(new ArrayList<>());
                }
                sessions.get(number).add(member);
            }
        }

        /** Goes on below each group that has not been gone below yet. */
        private void grow(Map<Integer, List<Member>> behind) {
            for (; grown < sessions.size(); grown++) {
                for (Member member : List.copyOf(sessions.get(grown))) {
                    place(behind.getOrDefault(member.pid(), List.of()), grown);
                }
            }
        }

        private Fact.Tree tree(int waiting) {
            List<Node> nodes = new ArrayList<>();
            int untold = 0;
            for (Map.Entry<Group, Integer> entry : numbers.entrySet()) {
                List<Member> own = sessions.get(entry.getValue());
                if (nodes.size() < NODES) {
                    nodes.add(node(entry.getKey(), own));
                } else {
                    untold += own.size();
                }
            }
            return new Fact.Tree(waiting, nodes, untold);
        }

        private Node node(Group group, List<Member> own) {
            double longest = group.waits()
                    ? own.stream()
                            .mapToDouble(member -> words.waitedMs(member.row()))
                            .max()
                            .orElse(0)
                    : 0;
            return new Node(
                    group.parent(),
                    group.who(),
                    group.relation(),
                    group.mode().sqlName(),
                    group.waits(),
                    own.size(),
                    own.get(0).pid(),
                    longest);
        }
    }

    /** Whether two looks show the same, but for the time that has passed. */
    static boolean isSame(Fact.Tree one, Fact.@Nullable Tree other) {
        return other != null && still(one).equals(still(other));
    }

    private static Fact.Tree still(Fact.Tree tree) {
        return new Fact.Tree(
                tree.waiting(),
                tree.nodes().stream()
                        .map(node -> new Node(
                                node.parent(),
                                node.who(),
                                node.relation(),
                                node.mode(),
                                node.waits(),
                                node.sessions(),
                                node.pid(),
                                0))
                        .toList(),
                tree.untold());
    }
}
