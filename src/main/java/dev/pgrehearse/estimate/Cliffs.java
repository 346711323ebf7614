package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Computes from catalogue and settings where an operation leaves its line. All tables grow by one factor, so every size is
 * told in rows of the statement's own table. Sources: PostgreSQL's tuplesort.c, nodeHash.c, xlog.c's
 * CalculateCheckpointSegments; see also {@link BuildWorkers}.
 */
final class Cliffs {
    /** Of one entry of a sort, before PostgreSQL 17 did without: the header of its memory chunk. */
    private static final double CHUNK_HEADER = 8;

    private static final int WITHOUT_CHUNK_HEADER = 17;
    /** Header of an index entry. */
    private static final double INDEX_HEADER = 8;
    /** Of one row that is sorted whole: what stands before it in memory. */
    private static final double TUPLE_HEADER = 24;

    /** Of one row of a hash: its header, that of a minimal tuple, and its share of the buckets. */
    private static final double HASH_OVERHEAD = 16 + 16 + 8;

    /** With it the side that refers can be hashed, too. */
    private static final int FIRST_RIGHT_ANTI = 16;

    private static final double PAGE = 8192;
    private static final double LEAF_FILL = 0.9;
    private static final int ALIGNMENT = 8;
    private static final int MOST_LEVELS = 6;

    private final Ground ground;
    private final TableFacts table;
    private final double targetRows;
    private final List<Cliff> cliffs = new ArrayList<>();

    private Cliffs(Ground ground, TableFacts table, double targetRows) {
        this.ground = ground;
        this.table = table;
        this.targetRows = targetRows;
    }

    /**
     * The cliffs of a statement, the nearest first.
     *
     * @param sorts what it sorts
     * @param walBefore bytes of WAL that the statements before it wrote at the top rung
     * @param table that its duration goes by, as it was at the top rung
     * @param targetRows of that table
     */
    static List<Cliff> of(
            Operation operation,
            Statement statement,
            List<Sort> sorts,
            double walBefore,
            TableFacts table,
            Ground ground,
            double targetRows) {
        Cliffs found = new Cliffs(ground, table, targetRows);
        if (table.rows() == 0) {
            return List.of();
        }
        for (Cliff.Kind kind : operation.cliffs()) {
            switch (kind) {
                case SORT -> found.sorts(sorts);
                case HASH -> found.hash(hashesOf(operation, statement, table, ground));
                case SHARED_BUFFERS -> found.buffers(operation);
                case MEMORY -> found.memory(operation);
                case WAL -> found.wal(statement, walBefore);
                case PARALLEL -> found.parallel();
                case DEPTH -> found.depth();
            }
        }
        return found.cliffs.stream()
                .sorted(Comparator.comparingDouble(Cliff::rows).thenComparing(Cliff::kind))
                .toList();
    }

    /** A sort leaves its memory once, and takes one more pass of merging each time that its runs are too many for that. */
    private void sorts(List<Sort> sorts) {
        double memory = setting("maintenance_work_mem");
        for (Sort sort : sorts) {
            add(
                    Cliff.Kind.SORT,
                    sort.rowsIn(memory),
                    "the sort of " + sort.what() + " leaves maintenance_work_mem (" + Figures.bytes(memory) + ")",
                    "maintenance_work_mem",
                    sort.bytes(targetRows));
            int most = sort.passes(targetRows, memory);
            for (int passes = 1; passes < most && most != ExternalSort.UNKNOWN; passes++) {
                add(
                        Cliff.Kind.SORT,
                        sort.rowsIn(memory, passes),
                        "the sort of " + sort.what() + " takes " + (passes + 1)
                                + " passes of merging with maintenance_work_mem of " + Figures.bytes(memory),
                        "maintenance_work_mem",
                        sort.memoryFor(targetRows, passes));
            }
        }
    }

    /**
     * A sort of an index build, or of a whole table. Sizes are told in rows of the table, memory in bytes.
     *
     * @param what is sorted, in words
     * @param how it is sorted at the target
     * @param share of the table's rows that is sorted: less than 1 for a partial index
     */
    record Sort(String what, ExternalSort how, double share) {
        /** How many rows the table has when the sort leaves its memory. */
        double rowsIn(double memory) {
            return how.rowsIn(memory) / share;
        }

        private double rowsIn(double memory, int passes) {
            return how.rowsIn(memory, passes) / share;
        }

        /** As {@link ExternalSort#passes}. */
        int passes(double rows, double memory) {
            return how.passes(share * rows, memory);
        }

        private double memoryFor(double rows, int passes) {
            return how.memoryFor(share * rows, passes);
        }

        private double bytes(double rows) {
            return share * rows * how.entryBytes();
        }
    }

    /** What a statement sorts. A rewrite builds all indexes anew, and CLUSTER may sort the rows themselves. */
    static List<Sort> sortsOf(
            Operation operation, Statement statement, TableFacts table, Ground ground, double targetRows) {
        List<Sort> sorts = new ArrayList<>();
        if (!operation.cliffs().contains(Cliff.Kind.SORT) || table.rows() == 0) {
            return sorts;
        }
        if (operation == Operation.REWRITE && Recognition.words(statement.sql()).startsWith("cluster ")) {
            double row = table.heapBytes() / (double) table.rows() + TUPLE_HEADER;
            sorts.add(new Sort("the rows of " + table.name(), new ExternalSort(inMemory(row, ground), 1), 1));
        }
        int participants = 1 + workersAt(table, ground, targetRows);
        for (SizeFacts.IndexWidth index : ground.facts().indexes()) {
            boolean sorted =
                    index.table().equals(table.name()) && index.method().equals("btree");
            if (sorted
                    && (operation == Operation.REWRITE
                            || ground.made().isEmpty()
                            || ground.made().contains(index.name()))) {
                double share = index.entries() > 0 ? index.entries() / table.rows() : 1;
                sorts.add(new Sort(index.name(), new ExternalSort(entryBytes(index, ground), participants), share));
                if (operation == Operation.CONCURRENT_BUILD) {
                    sorts.add(new Sort(
                            "row pointers for the second scan of " + table.name(),
                            new ExternalSort(ExternalSort.SLOT, 1),
                            share));
                }
            }
        }
        return sorts;
    }

    /** What the sort of an index build has in memory for each row, in bytes. */
    static double entryBytes(SizeFacts.IndexWidth index, Ground ground) {
        return inMemory(aligned(INDEX_HEADER + index.keyBytes()), ground);
    }

    private static double inMemory(double entry, Ground ground) {
        return entry + ExternalSort.SLOT + (ground.major() >= WITHOUT_CHUNK_HEADER ? 0 : CHUNK_HEADER);
    }

    /** How many workers an index build on the table has at so many rows. */
    static int workersAt(TableFacts table, Ground ground, double rows) {
        return BuildWorkers.of(
                table.heapBytes() / (double) Math.max(1, table.rows()) * rows,
                ground.facts().settings());
    }

    /** The check runs with {@code work_mem} set to {@code maintenance_work_mem} and {@code hash_mem_multiplier} to 1. */
    private void hash(List<Hashed> hashes) {
        double memory = setting("maintenance_work_mem");
        for (Hashed hashed : hashes) {
            add(
                    Cliff.Kind.HASH,
                    memory / hashed.bytesPerRow(),
                    "the hash of " + hashed.what() + " leaves maintenance_work_mem (" + Figures.bytes(memory)
                            + "), with which foreign keys are checked",
                    "maintenance_work_mem",
                    targetRows * hashed.bytesPerRow());
        }
    }

    /**
     * A hash of a foreign key's check.
     *
     * @param what is hashed: a table's name
     * @param bytesPerRow of memory, by the rows of the statement's own table
     */
    record Hashed(String what, double bytesPerRow) {}

    /** What the check of the table's foreign keys hashes: the side that has fewer rows, before PostgreSQL 16 always the parent. */
    static List<Hashed> hashesOf(Operation operation, Statement statement, TableFacts table, Ground ground) {
        if (!operation.cliffs().contains(Cliff.Kind.HASH)) {
            return List.of();
        }
        List<Hashed> hashes = new ArrayList<>();
        for (SizeFacts.Reference reference : ground.facts().references()) {
            String other = reference.table().equals(table.name()) ? reference.parent() : reference.table();
            boolean own =
                    reference.table().equals(table.name()) || reference.parent().equals(table.name());
            boolean checked = operation == Operation.REWRITE
                    ? checkedAgain(statement, table.name(), other, reference)
                    : Recognition.touched(statement).contains(other);
            if (own && checked) {
                double child = rows(ground, reference.table());
                double parent = rows(ground, reference.parent());
                boolean parentHashed = parent <= child || (ground.major() > 0 && ground.major() < FIRST_RIGHT_ANTI);
                hashes.add(new Hashed(
                        parentHashed ? reference.parent() : reference.table(),
                        (parentHashed ? parent : child)
                                / table.rows()
                                * (HASH_OVERHEAD + aligned(reference.keyBytes()))));
            }
        }
        return hashes;
    }

    /**
     * A rewrite checks only the keys whose columns got another type, and then it reads the other side; where that is the same
     * table, which it reads anyway, only the words of an ALTER TABLE tell.
     */
    private static boolean checkedAgain(
            Statement statement, String table, String other, SizeFacts.Reference reference) {
        return statement.rewrote().contains(table)
                && statement.scanned().contains(other)
                && (!other.equals(table)
                        || !Recognition.words(statement.sql()).startsWith("alter table ")
                        || Retyped.oneOf(statement, reference.columns()).isPresent()
                        || Retyped.oneOf(statement, reference.parentColumns()).isPresent());
    }

    /** Once all that is read to warm the caches no longer fits, a part of the table is outside, and later all of it. */
    private void buffers(Operation operation) {
        double memory = setting("shared_buffers");
        double bytes = readBytesPerRow(operation);
        double all = warmBytesPerRow(operation);
        if (all > bytes) {
            add(
                    Cliff.Kind.SHARED_BUFFERS,
                    memory / all,
                    "all tables with their indexes leave shared_buffers (" + Figures.bytes(memory) + ")",
                    "shared_buffers",
                    targetRows * all);
        }
        add(
                Cliff.Kind.SHARED_BUFFERS,
                memory / bytes,
                what(operation) + " leaves shared_buffers (" + Figures.bytes(memory) + ")",
                "shared_buffers",
                targetRows * bytes);
    }

    /** Of the machine's memory {@code shared_buffers} is no cache of files: what is in both is there twice. */
    private void memory(Operation operation) {
        double bytes = (table.heapBytes() + table.indexBytes() + copiedToast(operation) + madeBytes())
                / (double) table.rows()
                * copies(operation);
        double buffers = setting("shared_buffers");
        double memory = buffers < ground.memoryBytes() ? ground.memoryBytes() - buffers : ground.memoryBytes();
        double all = warmBytesPerRow(operation) + madeBytes() / table.rows() * copies(operation);
        if (all > bytes) {
            add(
                    Cliff.Kind.MEMORY,
                    memory / all,
                    "all tables with their indexes leave the machine's memory (" + Figures.bytes(memory)
                            + " beside shared_buffers)",
                    "memory",
                    targetRows * all + (ground.memoryBytes() - memory));
        }
        add(
                Cliff.Kind.MEMORY,
                memory / bytes,
                table.name() + " with its indexes leaves the machine's memory (" + Figures.bytes(memory)
                        + " beside shared_buffers)",
                "memory",
                targetRows * bytes + (ground.memoryBytes() - memory));
    }

    /** What is written anew stands beside what was there; so do new versions of rows and, as a rule, their index entries. */
    private static int copies(Operation operation) {
        return operation == Operation.REWRITE || operation == Operation.BULK_UPDATE ? 2 : 1;
    }

    /**
     * A checkpoint begins when so much WAL was written that {@code max_wal_size} will hold until the next one has ended: by this
     * statement and those before it, since there was one before the migration.
     */
    private void wal(Statement statement, double before) {
        Long written = statement.walBytes();
        if (written == null || written == 0) {
            return;
        }
        double bytes = (before + written) / (double) table.rows();
        double share = 1 + setting("checkpoint_completion_target");
        add(
                Cliff.Kind.WAL,
                setting("max_wal_size") / share / bytes,
                "its WAL" + (before > 0 ? " and that of the statements before it bring" : " brings")
                        + " checkpoints about (max_wal_size " + Figures.bytes(setting("max_wal_size")) + ")",
                "max_wal_size",
                targetRows * bytes * share);
    }

    private void parallel() {
        Map<String, Double> settings = ground.facts().settings();
        double heap = table.heapBytes() / (double) table.rows();
        for (int workers = 1; workers <= BuildWorkers.most(settings); workers++) {
            add(
                    Cliff.Kind.PARALLEL,
                    BuildWorkers.threshold(settings, workers) / heap,
                    "index builds get " + Figures.count(workers, "worker", "workers")
                            + " (min_parallel_table_scan_size)",
                    "max_parallel_maintenance_workers",
                    0);
        }
    }

    private void depth() {
        ground.facts().indexes().stream()
                .filter(index ->
                        index.table().equals(table.name()) && index.method().equals("btree"))
                .forEach(index -> {
                    double fanOut = PAGE * LEAF_FILL / (aligned(INDEX_HEADER + index.keyBytes()) + 4);
                    for (int level = 2; level <= MOST_LEVELS; level++) {
                        add(
                                Cliff.Kind.DEPTH,
                                Math.pow(fanOut, level),
                                index.name() + " gets " + Figures.count(level, "level", "levels") + " above its leaves",
                                "",
                                0);
                    }
                });
    }

    private double readBytesPerRow(Operation operation) {
        return operation == Operation.BULK_UPDATE
                ? (table.heapBytes() + table.indexBytes()) / (double) table.rows() * copies(operation)
                : (table.heapBytes() + copiedToast(operation)) / (double) table.rows();
    }

    private double warmBytesPerRow(Operation operation) {
        double all = ground.tables().stream()
                .mapToDouble(one -> (double) one.heapBytes() + one.indexBytes() + toast(one.name()))
                .sum();
        double again = (copies(operation) - 1.0) * (table.heapBytes() + table.indexBytes() + copiedToast(operation));
        return (all + again) / table.rows();
    }

    private double toast(String name) {
        return ground.facts().toast().getOrDefault(name, 0.0);
    }

    /** A rewrite writes each long value anew; whoever changes a row keeps those that it does not change. */
    private double copiedToast(Operation operation) {
        return operation == Operation.REWRITE ? toast(table.name()) : 0;
    }

    private String what(Operation operation) {
        return table.name() + (operation == Operation.BULK_UPDATE ? " with its indexes" : "");
    }

    /** Of indexes that were not there when the table was measured; never negative. */
    private double madeBytes() {
        double now = ground.facts().indexes().stream()
                .filter(index -> index.table().equals(table.name()))
                .mapToDouble(SizeFacts.IndexWidth::sizeBytes)
                .sum();
        return Math.max(0, now - table.indexBytes());
    }

    private static double rows(Ground ground, String name) {
        return ground.table(name).map(found -> (double) found.rows()).orElse(0.0);
    }

    private double setting(String name) {
        return ground.facts().settings().getOrDefault(name, Double.NaN);
    }

    private static double aligned(double bytes) {
        return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    }

    /** Only what lies below the target is a cliff of it; what cannot be computed, as a setting is missing, is none. */
    private void add(Cliff.Kind kind, double rows, String what, String setting, double needed) {
        if (rows > 0 && rows < targetRows) {
            cliffs.add(new Cliff(kind, rows, what, setting, needed));
        }
    }
}
