package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import dev.pgrehearse.scenario.ProfiledSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.Dictionaries;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerator;
import dev.pgrehearse.values.ValueGenerators;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what a dataset needs on disk before any server exists, so that a size that cannot fit is refused at once.
 *
 * <p>Leans upward where it does not know: the schema is not read, so columns without a source count as 16 bytes a row
 * all together, and indexes as one on a bigint plus half of the columns' bytes. WAL, temporary files of index builds and
 * copies for rehearsals are not in it.
 */
public final class DiskEstimate {
    /** Tuple header (23, aligned to 24) and line pointer (4): PostgreSQL documentation, "Database Page Layout". */
    private static final int ROW_OVERHEAD = 28;

    private static final int UNKNOWN_COLUMNS = 16;
    private static final int FIXED_WIDTH = 8;
    private static final int UUID_WIDTH = 16;
    /** Of a value of variable length, and what aligns its neighbour. */
    private static final int VARIABLE_OVERHEAD = 4;
    /** An entry of a B-tree on a bigint: 8 for the tuple, 8 for the key, 4 for the line pointer, at 90 % fill. */
    private static final int KEY_INDEX_ENTRY = 23;

    private static final int INDEX_OVERHEAD = 14;
    /** Page headers, free space maps, the last page. */
    private static final double PAGES = 1.03;

    private static final int PAGE = 8192;
    private static final long PER_TABLE = 64 * 1024;
    /** What a fresh cluster holds: three databases' catalogues, without WAL. */
    private static final long CLUSTER = 32L * 1024 * 1024;

    private static final int SAMPLED_VALUES = 256;
    private static final String PUBLIC = "public.";

    private DiskEstimate() {}

    /**
     * Bytes of the data directory after the load.
     *
     * @param dataset what the scenario says
     * @param rows by table
     * @throws IllegalArgumentException when a source makes no sense by itself
     */
    public static long bytesFor(DatasetSpec dataset, Map<String, Long> rows) {
        ProfiledSpec profiled = dataset.profile();
        return profiled == null ? generated(dataset, rows) : like(profiled.profile(), rows);
    }

    /** What production takes, with the rows of each table in proportion. */
    private static long like(Profile profile, Map<String, Long> rows) {
        double bytes = CLUSTER;
        for (Profile.Table table : profile.tables()) {
            long count = rows.getOrDefault(table.displayName(), 0L);
            if (count > 0) {
                double pages = (double) table.pages()
                        + table.toastPages()
                        + table.indexes().stream()
                                .mapToLong(Profile.Index::pages)
                                .sum();
                bytes += pages * PAGE * count / Math.max(1, table.rows()) + PER_TABLE;
            }
        }
        return (long) Math.min((double) Long.MAX_VALUE, bytes);
    }

    private static long generated(DatasetSpec dataset, Map<String, Long> rows) {
        Dictionaries dictionaries = new Dictionaries(0);
        double bytes = CLUSTER;
        for (Map.Entry<String, Long> table : rows.entrySet()) {
            TableSpec spec = specOf(dataset, table.getKey());
            double columns = spec == null ? 0 : width(spec, table.getValue(), dictionaries);
            double heap = (ROW_OVERHEAD + UNKNOWN_COLUMNS + columns) * PAGES;
            double indexes = (KEY_INDEX_ENTRY + INDEX_OVERHEAD + columns / 2) * PAGES;
            bytes += table.getValue() * (heap + indexes) + PER_TABLE;
        }
        return (long) Math.min(Long.MAX_VALUE, bytes);
    }

    /** Before there is a search path, {@code public} is taken to be on it. */
    private static @Nullable TableSpec specOf(DatasetSpec dataset, String table) {
        TableSpec spec = dataset.tables().get(table);
        if (spec == null) {
            spec = dataset.tables().get(table.startsWith(PUBLIC) ? table.substring(PUBLIC.length()) : PUBLIC + table);
        }
        return spec;
    }

    private static double width(TableSpec spec, long rows, Dictionaries dictionaries) {
        double width = 0;
        for (Map.Entry<String, ValueSpec> column : spec.columns().entrySet()) {
            width += width(column.getValue(), rows, dictionaries);
        }
        return width;
    }

    private static double width(ValueSpec spec, long rows, Dictionaries dictionaries) {
        ValueSpec.Source source = spec.source();
        double present = 1 - spec.nullShare();
        if (source instanceof ValueSpec.RandomUuid) {
            return present * UUID_WIDTH;
        }
        if (source instanceof ValueSpec.Text
                || source instanceof ValueSpec.Faker
                || source instanceof ValueSpec.OneOf
                || source instanceof ValueSpec.Constant) {
            return present * (VARIABLE_OVERHEAD + meanLength(source, rows, dictionaries));
        }
        // Numbers and times; numeric takes 8 bytes or a little more for as many digits. References mostly hold numbers.
        return present * (source instanceof ValueSpec.DecimalRange ? FIXED_WIDTH + VARIABLE_OVERHEAD : FIXED_WIDTH);
    }

    private static double meanLength(ValueSpec.Source source, long rows, Dictionaries dictionaries) {
        // As many values as the sample needs say enough of a dictionary's lengths.
        ValueSpec.Source small = source instanceof ValueSpec.Faker faker
                ? new ValueSpec.Faker(faker.expression(), Math.min(faker.distinct(), SAMPLED_VALUES))
                : source;
        ValueGenerator values =
                new ValueGenerators(0, Keys.NONE, dictionaries).of(new ValueSpec(small, 0), "estimate", "length");
        long sampled = Math.max(1, Math.min(rows, SAMPLED_VALUES));
        long length = 0;
        for (long row = 0; row < sampled; row++) {
            String value = values.textAt(row);
            length += value == null ? 0 : value.getBytes(StandardCharsets.UTF_8).length;
        }
        return (double) length / sampled;
    }
}
