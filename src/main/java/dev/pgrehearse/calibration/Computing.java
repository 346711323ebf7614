package dev.pgrehearse.calibration;

import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A probe over generated rows, which reads no table. */
final class Computing extends Series {
    /** A quarter of a second and more on a usual machine: short against nothing that schedules processors. */
    private static final int ADDED = 4_000_000;

    /** 24 MB in memory as PostgreSQL 15 and newer sort them, up to 70 MB before; about 20 MB of temporary files. */
    private static final int SORTED = 1_000_000;

    /** Made in the select list, a series is not stored anywhere first. */
    private static final String SERIES = "(SELECT pg_catalog.generate_series(1, %d)::int8 AS x OFFSET 0) g";

    private static final String ADDING = "SELECT sum(x %% 7 + x / 3) FROM " + SERIES;

    /** Multiples of a primitive root, modulo a prime: each number once, in no order. */
    private static final String SORTING =
            "SELECT count(k) FROM (SELECT x * 48271 %% 2147483647 AS k FROM " + SERIES + " ORDER BY k OFFSET 0) s";

    private final int rows;
    private final String query;
    private final @Nullable String sortSpace;
    private final List<Double> values = new ArrayList<>();

    private Computing(Kind kind, int rows, String query, Map<String, String> settings, @Nullable String sortSpace) {
        super(kind, settings);
        this.rows = rows;
        this.query = query.formatted(rows);
        this.sortSpace = sortSpace;
    }

    static Computing adding() {
        return new Computing(Kind.CPU, ADDED, ADDING, Map.of(), null);
    }

    static Computing sortingInMemory() {
        return new Computing(Kind.SORT_IN_MEMORY, SORTED, SORTING, Map.of("work_mem", "128MB"), "Memory");
    }

    static Computing sortingInFiles() {
        return new Computing(Kind.SORT_IN_FILES, SORTED, SORTING, Map.of("work_mem", "4MB"), "Disk");
    }

    @Override
    void measure(ProbeSession session, Duration timeout) throws SQLException {
        Explained took = session.explain(settings(), null, query, timeout);
        if (sortSpace != null && !sortSpace.equals(took.sortSpace())) {
            fail("The server sorted the rows " + (sortSpace.equals("Disk") ? "in memory" : "in temporary files")
                    + ", although work_mem was " + settings().get("work_mem") + ".");
            return;
        }
        values.add(took.milliseconds() * 1e3 / rows);
    }

    @Override
    List<Double> values() {
        return List.copyOf(values);
    }

    @Override
    Probe measured() {
        return Probe.of(kind(), settings(), values, null);
    }
}
