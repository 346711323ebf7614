package dev.pgrehearse.calibration;

import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.Calibration.Reads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A probe that reads some of an existing table, each time elsewhere, and later the same once more in another session: that finds
 * it in memory, so the difference is what it costs not to. It has to be another session, since one that touches a page of shared
 * memory for the first time waits for the operating system to map it, which may take longer than to read it.
 */
final class Reading extends Series {
    /** 16 MB of blocks of 8 kB. */
    private static final long BLOCKS = 2048;

    private static final int KEYS = 200;
    private static final double KB8 = 8192;

    /** So many stretches are to find different blocks. */
    private static final int STRETCHES = 8;

    private static final String STRETCH =
            "SELECT count(*) FROM %s WHERE ctid >= '(%d,0)'::tid AND ctid < '(%d,0)'::tid";

    /** Fetches the row, not only its entry in the index: that has no ctid. */
    private static final String LOOKUPS = """
            SELECT count(r.ctid)
            FROM (SELECT (b.lo + pg_catalog.random() * (b.hi - b.lo))::int8 AS key
                  FROM (SELECT (SELECT min(%2$s) FROM %1$s)::float8 AS lo, (SELECT max(%2$s) FROM %1$s)::float8 AS hi) b,
                       pg_catalog.generate_series(1, %3$d) OFFSET 0) k
            CROSS JOIN LATERAL (SELECT t.ctid FROM %1$s t WHERE t.%2$s >= k.key ORDER BY t.%2$s LIMIT 1) r""";

    private final ReadGround ground;
    private final Random random;
    /** A query, and the seed of its random numbers; null without any. */
    private record Asked(String query, @Nullable Double seed) {}

    private final List<Asked> asked = new ArrayList<>();
    private final List<Double> first = new ArrayList<>();
    private final List<Double> again = new ArrayList<>();
    private long hit;
    private long read;
    private double ioMilliseconds;
    private boolean ioKnown = true;

    Reading(Kind kind, ReadGround ground, Random random) {
        super(kind, Map.of());
        this.ground = ground;
        this.random = random;
        if (kind == Kind.SEQUENTIAL_READ && ground.table() == null) {
            fail("There is no table of at least " + ReadGround.LEAST_PAGES * ground.blockBytes() / (1 << 20)
                    + " MB that this role may read (the size is that of the last VACUUM or ANALYZE).");
        }
        if (kind == Kind.RANDOM_READ && ground.indexed() == null) {
            fail("There is no table of at least " + ReadGround.LEAST_PAGES * ground.blockBytes() / (1 << 20)
                    + " MB with an index on a whole number that this role may read.");
        }
    }

    @Override
    void measure(ProbeSession session, Duration timeout) throws SQLException {
        Asked next = new Asked(query(), kind() == Kind.RANDOM_READ ? (Double) random.nextDouble() : null);
        Explained found = session.explain(settings(), next.seed(), next.query(), timeout);
        long blocks = found.hit() + found.read();
        if (blocks == 0) {
            fail("Its table has fewer blocks than the catalogue says: VACUUM or ANALYZE it.");
            return;
        }
        asked.add(next);
        first.add(micros(found, blocks));
        hit += found.hit();
        read += found.read();
        Double io = found.ioMilliseconds();
        ioKnown &= io != null || found.read() == 0;
        ioMilliseconds += io == null ? 0 : io;
    }

    /** How many repeats are to be made again. */
    int repeats() {
        return failed() ? 0 : asked.size();
    }

    /**
     * One repeat again.
     *
     * @param session another one than before
     * @param repeat its number, from 0
     */
    void again(ProbeSession session, int repeat, Duration left) throws SQLException {
        Asked before = asked.get(repeat);
        attempt(left, timeout -> {
            Explained cached = session.explain(settings(), before.seed(), before.query(), timeout);
            again.add(micros(cached, Math.max(1, cached.hit() + cached.read())));
        });
    }

    private String query() {
        if (kind() == Kind.RANDOM_READ) {
            return LOOKUPS.formatted(ground.indexed(), ground.column(), KEYS);
        }
        long blocks = Math.min(BLOCKS, ground.pages() / STRETCHES);
        long from = random.nextLong(ground.pages() - blocks);
        return STRETCH.formatted(ground.table(), from, from + blocks);
    }

    private double micros(Explained took, long blocks) {
        double units = kind() == Kind.RANDOM_READ ? KEYS : (double) blocks * ground.blockBytes() / KB8;
        return took.milliseconds() * 1e3 / units;
    }

    @Override
    List<Double> values() {
        // Those that were made again: without that they tell nothing.
        return List.copyOf(first.subList(0, again.size()));
    }

    @Override
    Probe measured() {
        @Nullable
        Double io = ioKnown && read > 0 ? (Double) (ioMilliseconds * 1e3 * KB8 / (read * ground.blockBytes())) : null;
        Probe bare = Probe.of(kind(), settings(), values(), null);
        double median = bare.median() == null ? 0 : bare.median();
        return Probe.of(kind(), settings(), values(), Reads.of(median, again, (double) hit / (hit + read), io));
    }
}
