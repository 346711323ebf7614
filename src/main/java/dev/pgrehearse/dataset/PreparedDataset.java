package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.Keys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** A schema that exists, and how each of its tables will be filled, or has been. Immutable and thread-safe. */
public final class PreparedDataset {
    private static final int SAMPLED_ROWS = 500;

    private final List<TablePlan> tables;
    private final Keys keys;
    private final List<String> notices;
    private final List<String> filledWithTheTime;
    private final Map<Long, TableState> states;
    private final @Nullable Profile likeness;
    private final List<Doubt> doubts;

    PreparedDataset(List<TablePlan> tables, Keys keys, List<String> notices) {
        this(tables, keys, notices, List.of(), Map.of(), null, List.of());
    }

    /**
     * One that is made like a profile.
     *
     * @param states by OID of a table that holds rows, the state that it is to be in besides its rows
     * @param likeness the profile, in the size that is made
     */
    PreparedDataset(
            List<TablePlan> tables, Keys keys, List<String> notices, Map<Long, TableState> states, Profile likeness) {
        this(tables, keys, notices, List.of(), states, likeness, List.of());
    }

    private PreparedDataset(
            List<TablePlan> tables,
            Keys keys,
            List<String> notices,
            List<String> filledWithTheTime,
            Map<Long, TableState> states,
            @Nullable Profile likeness,
            List<Doubt> doubts) {
        this.tables = List.copyOf(tables);
        this.keys = keys;
        this.notices = List.copyOf(notices);
        this.filledWithTheTime = List.copyOf(filledWithTheTime);
        this.states = Map.copyOf(states);
        this.likeness = likeness;
        this.doubts = List.copyOf(doubts);
    }

    /** The same, knowing which columns (by number, by their table's OID) have the time of day as their default. */
    PreparedDataset with(Map<Long, Set<Integer>> timed) {
        List<String> names = new ArrayList<>();
        for (TablePlan plan : tables) {
            for (CatalogueColumn column : plan.table().columns()) {
                boolean left =
                        plan.columns().stream().noneMatch(each -> each.name().equals(column.name()));
                if (left && timed.getOrDefault(plan.table().oid(), Set.of()).contains(column.number())) {
                    names.add(plan.name() + "." + column.name());
                }
            }
        }
        return new PreparedDataset(tables, keys, notices, names, states, likeness, doubts);
    }

    /** Columns that the server fills with the time at which they were loaded: {@code orders.created_at}. */
    public List<String> filledWithTheTime() {
        return filledWithTheTime;
    }

    /** The same with more to doubt and to notice. */
    PreparedDataset with(List<Doubt> moreDoubts, List<String> moreNotices) {
        List<Doubt> allDoubts = new ArrayList<>(doubts);
        allDoubts.addAll(moreDoubts);
        List<String> allNotices = new ArrayList<>(notices);
        allNotices.addAll(moreNotices);
        return new PreparedDataset(tables, keys, allNotices, filledWithTheTime, states, likeness, allDoubts);
    }

    /** About the data, whatever is rehearsed on them. */
    public List<Doubt> doubts() {
        return doubts;
    }

    /** The profile that it is made like, in the size that is made; empty without one. */
    public Optional<Profile> likeness() {
        return Optional.ofNullable(likeness);
    }

    /** Tables that get rows and of which nobody declared what state they are in besides. */
    public List<String> undeclared() {
        return tables.stream()
                .filter(table -> table.leaves().stream().anyMatch(leaf -> !states.containsKey(leaf.oid())))
                .map(TablePlan::name)
                .toList();
    }

    /** The state that a table which holds rows is to be in; empty when nobody declared one. */
    Optional<TableState> stateOf(CatalogueTable table) {
        return Optional.ofNullable(states.get(table.oid()));
    }

    /** Those that get rows. */
    List<TablePlan> tables() {
        return tables;
    }

    /** What references point at; the workload's parameters need it too. */
    public Keys keys() {
        return keys;
    }

    /** What a user should know though it is no mistake, such as weights that a unique key overrules. */
    public List<String> notices() {
        return notices;
    }

    /**
     * SHA-256, in hexadecimal, of each table's first and last rows as they are loaded: it changes when the program makes
     * other rows of the same specification.
     */
    public String sample() {
        MessageDigest sha = DigestUtils.getSha256Digest();
        for (TablePlan table : tables) {
            CopyBuffer rows = new CopyBuffer(SAMPLED_ROWS * 256);
            LongStream.concat(
                            LongStream.range(0, Math.min(SAMPLED_ROWS, table.rows())),
                            LongStream.range(Math.max(0, table.rows() - SAMPLED_ROWS), table.rows()))
                    .forEach(row -> table.copyRow(rows, row));
            sha.update((table.name() + table.columnList() + table.rows()).getBytes(StandardCharsets.UTF_8));
            sha.update(rows.bytes(), 0, rows.length());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /** All rows of all tables. */
    public long rows() {
        return tables.stream().mapToLong(TablePlan::rows).sum();
    }
}
