package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Cost;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a statement joins, sorts or groups, whose plan nobody saw: a hash takes {@code work_mem * hash_mem_multiplier} and a sort
 * {@code work_mem}, and what is larger goes to temporary files. As much as a whole table takes fits into them, or it is not known
 * whether it does. Pure.
 */
final class Joins {
    /** What a row takes in a hash, by what it takes in its table: headers, and its share of the buckets. */
    private static final double HASHED = 1.5;

    private static final double NOTHING = 65_536;
    private static final double BLOCK = 8192;

    private Joins() {}

    /** Whether its words leave room for a plan with a sort or a hash in it; of what it does, nobody sees that. */
    static boolean mayBeIn(String sql) {
        String words = Recognition.words(sql).replaceFirst("^delete from ", "");
        return words.matches(".*\\b(select|from|join|using|order by)\\b.*");
    }

    /** Whether it wrote temporary files. */
    static boolean spilled(Statement statement) {
        Cost cost = statement.cost();
        return cost != null && cost.counters() != null && cost.counters().temporaryBlocksWritten() * BLOCK >= NOTHING;
    }

    /**
     * Why it is not known on which side of a cliff the target is, in a whole sentence; empty when it is known.
     *
     * @param ratio the target's rows by the top rung's
     */
    static Optional<String> unknown(Statement statement, Ground ground, double ratio) {
        if (statement.batches() != null || spilled(statement) || !mayBeIn(statement.sql())) {
            return Optional.empty();
        }
        Set<String> read = read(statement);
        List<TableFacts> tables = ground.tables().stream()
                .filter(table -> read.contains(table.name()))
                .sorted(Comparator.comparingLong(TableFacts::heapBytes))
                .toList();
        Set<String> made = new TreeSet<>(statement.scanned());
        ground.tables().forEach(table -> made.remove(table.name()));
        if (!made.isEmpty() && !tables.isEmpty()) {
            return Optional.of("It joins " + names(tables) + " with " + String.join(" and ", made)
                    + ", of which nobody knows how large it will be at the target.");
        }
        boolean sorts = sorts(statement);
        List<TableFacts> held = new ArrayList<>(tables);
        // Of two sides one is hashed, as a rule the smaller one.
        if (!held.isEmpty() && !sorts && !isWithItself(statement, held)) {
            held.remove(held.size() - 1);
        }
        double memory = setting(ground, "work_mem") * (sorts ? 1 : setting(ground, "hash_mem_multiplier"));
        return held.stream()
                .filter(table -> !(HASHED * table.heapBytes() * ratio <= memory))
                .reduce((smaller, larger) -> larger)
                .map(table -> "It " + (sorts ? "sorts or groups rows of " : "joins ") + names(tables)
                        + ", and " + table.name() + " takes about " + Figures.bytes(table.heapBytes() * ratio)
                        + " at the target: whether that leaves work_mem"
                        + (sorts ? "" : " * hash_mem_multiplier") + " (" + Figures.bytes(memory)
                        + ") on the way, or another plan is chosen, cannot be computed. A rung of the target's size"
                        + " (--largest) would measure it.");
    }

    private static String names(List<TableFacts> tables) {
        return tables.stream().map(TableFacts::name).sorted().collect(Collectors.joining(" and "));
    }

    /** Tables that it reads to find out which rows it changes or returns; parents of foreign keys are not among them. */
    private static Set<String> read(Statement statement) {
        boolean inserts = Recognition.words(statement.sql()).matches("(with .*)?(insert into|copy) .*");
        Set<String> read = new TreeSet<>(statement.scanned());
        for (Lock lock : statement.locks()) {
            if (lock.mode().equals("ACCESS SHARE") || (!inserts && lock.mode().equals("ROW EXCLUSIVE"))) {
                read.add(lock.relation());
            }
        }
        return read;
    }

    private static boolean sorts(Statement statement) {
        return Recognition.words(statement.sql())
                .matches(".*(\\b(order by|group by|distinct|union|intersect|except)\\b|\\bover ?\\().*");
    }

    private static boolean isWithItself(Statement statement, List<TableFacts> tables) {
        String words = Recognition.words(statement.sql());
        String largest = tables.get(tables.size() - 1).name();
        String name = largest.substring(largest.lastIndexOf('.') + 1);
        return words.split("\\b" + Pattern.quote(name) + "\\b(?!\\.)", -1).length > 2;
    }

    /** NaN when it is not known; then nothing is thought to fit. */
    private static double setting(Ground ground, String name) {
        return ground.facts().settings().getOrDefault(name, Double.NaN);
    }
}
