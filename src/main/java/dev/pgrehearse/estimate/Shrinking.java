package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Shrinks memory settings in proportion to a rung's rows, so that data and memory are to one another as at the target. What
 * lies above a cliff there is above it at each such rung, by as much: the same number of runs to merge, of batches to hash,
 * of times that the buffers turn over. So the rungs are one ladder without a cliff in it. Pure.
 */
public final class Shrinking {
    /** Which setting decides at a cliff. */
    private static final Map<Cliff.Kind, String> SETTINGS = new EnumMap<>(Map.of(
            Cliff.Kind.SORT, "maintenance_work_mem",
            Cliff.Kind.HASH, "maintenance_work_mem",
            Cliff.Kind.SHARED_BUFFERS, "shared_buffers",
            Cliff.Kind.WAL, "max_wal_size"));

    /** With fewer shared buffers the catalogue alone would fill them, which is as large at any size. */
    private static final double LEAST_BUFFERS = 1 << 20;

    /** PostgreSQL keeps two segments at least. */
    private static final int SEGMENTS = 2;

    /** An estimated number of runs may be off by so much: it must not change the number of passes. */
    private static final double RUNS_MARGIN = 1.25;

    /** Beyond so many times the proportion it is another ratio of data to memory. */
    private static final double MOST_ABOVE_PROPORTION = 8;

    private static final double PAGE = 8192;
    private static final double KIB = 1024;
    private static final double MIB = 1 << 20;

    private final Ground ground;
    private final Map<Integer, Recognised> statements;

    private Shrinking(Ground ground, Map<Integer, Recognised> statements) {
        this.ground = ground;
        this.statements = statements;
    }

    /**
     * What is shrunk for one rung.
     *
     * @param bytes by setting, less than the server has
     * @param values by setting, as {@code postgresql.conf} has them: those, and others that would follow them
     * @param workers that index builds get at the target, by table: with so little memory PostgreSQL would give none
     */
    public record Settings(Map<String, Double> bytes, Map<String, String> values, Map<String, Integer> workers) {
        public Settings {
            bytes = new TreeMap<>(bytes);
            values = new TreeMap<>(values);
            workers = new TreeMap<>(workers);
        }
    }

    /** A rung cannot be had with settings in proportion; the message says why, as the end of a sentence. */
    public static final class CannotShrink extends Exception {
        private static final long serialVersionUID = 1L;

        CannotShrink(String message) {
            super(message);
        }
    }

    /** Whether settings decide about all cliffs of a statement, and there are any. */
    static boolean mayShrink(Recognised recognised) {
        List<Cliff> deciding = recognised.cliffs().stream()
                .filter(cliff -> cliff.kind().rungsAbove() > 0 && cliff.kind() != Cliff.Kind.PARALLEL)
                .toList();
        return recognised.table() != null
                && !deciding.isEmpty()
                && deciding.stream().allMatch(cliff -> SETTINGS.containsKey(cliff.kind()));
    }

    /**
     * For the statements that have too few rungs above a cliff.
     *
     * @param rungs the plain ones, the smallest first; at least one
     */
    public static Shrinking of(Estimator.Question question, List<Rung> rungs) {
        Rung.Run last = rungs.get(rungs.size() - 1).runs().get(0);
        Recording top = last.recording();
        Ground ground = Ground.of(top, last.facts());
        Map<Integer, Recognised> lacking = new TreeMap<>();
        for (Statement statement : Estimator.statements(top)) {
            Recognised recognised = Recognised.of(
                    statement,
                    top,
                    ground,
                    question.target(),
                    rungs.stream().map(Rung::rows).toList());
            if (mayShrink(recognised) && lacks(recognised, rungs)) {
                lacking.put(statement.index(), recognised);
            }
        }
        return new Shrinking(ground, lacking);
    }

    private static boolean lacks(Recognised recognised, List<Rung> rungs) {
        return recognised.cliffs().stream()
                .filter(cliff -> cliff.kind().rungsAbove() > 0)
                .anyMatch(cliff -> rungs.stream()
                                .filter(rung -> Recognised.rows(recognised.by(), rung.rows()) > cliff.rows())
                                .count()
                        < cliff.kind().rungsAbove());
    }

    /** The numbers of the statements that it is for; empty when all have rungs enough, or none can be helped. */
    public Set<Integer> statements() {
        return new TreeSet<>(statements.keySet());
    }

    /**
     * What a rung needs.
     *
     * @param rows by table
     * @throws CannotShrink when a setting would be less than PostgreSQL allows, or something else would be done with it
     */
    public Settings at(Map<String, Long> rows) throws CannotShrink {
        Map<String, Double> bytes = new TreeMap<>();
        for (String setting : named()) {
            if (ground.script().values().containsKey(setting)) {
                throw new CannotShrink("the migration sets " + setting + " itself");
            }
            bytes.put(setting, shrunk(setting, rows));
        }
        Map<String, String> values = new TreeMap<>();
        bytes.forEach((setting, value) -> values.put(setting, inUnit(setting, value)));
        if (bytes.containsKey("shared_buffers") && setting("wal_buffers") > 0) {
            // It follows shared_buffers unless it is given, and has nothing to do with the size of tables.
            values.put("wal_buffers", Math.round(setting("wal_buffers") / KIB) + "kB");
        }
        Double wal = bytes.get("max_wal_size");
        if (wal != null && setting("min_wal_size") > wal) {
            values.put("min_wal_size", inUnit("max_wal_size", wal));
        }
        return new Settings(bytes, values, workers());
    }

    private Set<String> named() {
        return statements.values().stream()
                .flatMap(recognised -> recognised.cliffs().stream())
                .map(cliff -> SETTINGS.get(cliff.kind()))
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Map<String, Integer> workers() {
        Map<String, Integer> workers = new TreeMap<>();
        for (Recognised recognised : statements.values()) {
            int atTarget = Cliffs.workersAt(table(recognised), ground, recognised.targetRows());
            if (recognised.operation().cliffs().contains(Cliff.Kind.PARALLEL) && atTarget > 0) {
                workers.put(recognised.by(), atTarget);
            }
        }
        return workers;
    }

    private double shrunk(String setting, Map<String, Long> rows) throws CannotShrink {
        double share = statements.values().stream()
                .mapToDouble(one -> Recognised.rows(one.by(), rows) / one.targetRows())
                .max()
                .orElseThrow();
        double proportion = setting(setting) * share;
        double least = least(setting);
        if (setting.equals("maintenance_work_mem")) {
            return agreeing(proportion, least, rows);
        }
        if (proportion < least) {
            throw tooSmall(setting, proportion, least);
        }
        return rounded(setting, proportion);
    }

    /** The least from the proportion on with which as many passes and batches are made as at the target. */
    private double agreeing(double proportion, double least, Map<String, Long> rows) throws CannotShrink {
        double from = Math.max(proportion, least);
        double bound = Math.min(proportion * MOST_ABOVE_PROPORTION, setting("maintenance_work_mem"));
        if (from > bound) {
            throw tooSmall("maintenance_work_mem", proportion, least);
        }
        for (double memory = from; memory <= bound; memory *= 1.02) {
            double tried = rounded("maintenance_work_mem", memory);
            if (statements.values().stream().allMatch(one -> agrees(one, tried, rows))) {
                return tried;
            }
        }
        throw new CannotShrink("with maintenance_work_mem of " + Figures.bytes(from)
                + " PostgreSQL would merge or hash in other steps than at the target");
    }

    private static CannotShrink tooSmall(String setting, double proportion, double least) {
        return new CannotShrink(setting + " would have to be " + Figures.bytes(proportion) + ", and "
                + Figures.bytes(least) + " is the least");
    }

    private boolean agrees(Recognised recognised, double memory, Map<String, Long> rows) {
        double full = setting("maintenance_work_mem");
        double here = Recognised.rows(recognised.by(), rows);
        double target = recognised.targetRows();
        boolean sorts = recognised.sorts().stream().allMatch(sort -> agrees(sort, target, full, here, memory));
        boolean hashes = recognised.hashed().stream()
                .allMatch(hash -> HashBatches.of(target * hash.bytesPerRow(), full)
                        == HashBatches.of(here * hash.bytesPerRow(), memory));
        return sorts && hashes;
    }

    private static boolean agrees(Cliffs.Sort sort, double target, double full, double here, double memory) {
        int passes = sort.passes(target, full);
        if (passes == ExternalSort.UNKNOWN) {
            return false;
        }
        boolean more = passes == 0 || sort.passes(RUNS_MARGIN * here, memory) == passes;
        return more && sort.passes(here, memory) == passes;
    }

    private static Recording.TableFacts table(Recognised recognised) {
        return Objects.requireNonNull(recognised.table());
    }

    private double least(String setting) {
        double allowed = ground.facts().least().getOrDefault(setting, 0.0);
        return switch (setting) {
            case "shared_buffers" -> Math.max(allowed, LEAST_BUFFERS);
            case "max_wal_size" ->
                Math.max(allowed, SEGMENTS * ground.facts().settings().getOrDefault("wal_segment_size", 16 * MIB));
            default -> allowed;
        };
    }

    private double setting(String name) {
        return ground.facts().settings().getOrDefault(name, Double.NaN);
    }

    /** To the unit that the server counts in; upward, since less may be too little. */
    private static double rounded(String setting, double bytes) {
        double unit = isWal(setting) ? MIB : PAGE;
        return unit * Math.ceil(bytes / unit);
    }

    private static String inUnit(String setting, double bytes) {
        return isWal(setting) ? Math.round(bytes / MIB) + "MB" : Math.round(bytes / KIB) + "kB";
    }

    private static boolean isWal(String setting) {
        return setting.endsWith("_wal_size");
    }

    /** What the settings were shrunk from and to, those of the top rung. */
    List<ShrunkLadder.Setting> inWords(Settings top) {
        List<ShrunkLadder.Setting> settings = new ArrayList<>();
        top.bytes().forEach((name, to) -> settings.add(new ShrunkLadder.Setting(name, setting(name), to)));
        return settings;
    }
}
