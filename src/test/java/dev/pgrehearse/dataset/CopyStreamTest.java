package dev.pgrehearse.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.BinaryType;
import dev.pgrehearse.values.Dictionaries;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerators;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same rows, whoever makes them and in whatever portions. */
class CopyStreamTest {
    private static final long ROWS = 10_007;
    private static final TablePlan TABLE = table();

    static Stream<RowFormat> formats() {
        return Stream.of(
                new TextRows(TABLE),
                new BinaryRows(
                        TABLE,
                        List.of(
                                BinaryType.BIGINT,
                                BinaryType.TEXT,
                                BinaryType.TIMESTAMPTZ,
                                BinaryType.DATE,
                                BinaryType.NUMERIC,
                                BinaryType.INTEGER,
                                BinaryType.UUID,
                                BinaryType.TEXT,
                                BinaryType.TEXT)));
    }

    private static TablePlan table() {
        Instant from = Instant.parse("2024-01-01T00:00:00Z");
        Instant to = Instant.parse("2026-01-01T00:00:00Z");
        List<ValueSpec> specs = List.of(
                new ValueSpec(new ValueSpec.Sequence(1, 1), 0),
                new ValueSpec(new ValueSpec.Faker("internet.emailAddress", 100), 0.1),
                new ValueSpec(new ValueSpec.Timestamp(from, to, true), 0),
                new ValueSpec(new ValueSpec.Timestamp(from, to, false), 0.3),
                new ValueSpec(new ValueSpec.DecimalRange(new BigDecimal("-5"), new BigDecimal("99999.99"), 2), 0),
                new ValueSpec(new ValueSpec.Reference("t", "id", 1.1), 0),
                new ValueSpec(new ValueSpec.RandomUuid(), 0),
                new ValueSpec(new ValueSpec.OneOf(Map.of("paid", 80.0, "a\tb\\c", 20.0)), 0),
                new ValueSpec(new ValueSpec.Text(0, 200, ValueSpec.LengthDistribution.UNIFORM), 0));
        Keys keys = new Keys() {
            @Override
            public long rows(String table) {
                return ROWS;
            }

            @Override
            public @Nullable String keyAt(String table, String column, long row) {
                return Long.toString(row + 1);
            }
        };
        ValueGenerators generators = new ValueGenerators(1, keys, new Dictionaries(1));
        List<ColumnPlan> columns = new ArrayList<>();
        for (ValueSpec spec : specs) {
            String name = "c" + columns.size();
            columns.add(new ColumnPlan(
                    new CatalogueColumn(columns.size() + 1, name, "text", true, false, false),
                    generators.of(spec, "t", name)));
        }
        return new TablePlan(new CatalogueTable(1, "public", "t", "r", true, List.of(), false), "t", ROWS, columns);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void isTheSameForAnyNumberOfThreadsAndRowsInABlock(RowFormat format) throws Exception {
        String whole = digest(format, Shard.WHOLE, 1, (int) ROWS);
        for (int threads : new int[] {1, 2, 8}) {
            for (int rowsPerBlock : new int[] {0, 1, 7, 1000, 4096}) {
                assertThat(digest(format, Shard.WHOLE, threads, rowsPerBlock))
                        .as("%d threads, %d rows in a block", threads, rowsPerBlock)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void ofTheShardsOneAfterAnotherIsThatOfTheTable(RowFormat format) throws Exception {
        String whole = digest(format, Shard.WHOLE, 1, 1000);
        for (int count : new int[] {1, 2, 3, 8, 100}) {
            MessageDigest shards = DigestUtils.getSha256Digest();
            // The last one first: a shard needs none of the others.
            List<byte[]> made = new ArrayList<>();
            for (int number = count - 1; number >= 0; number--) {
                made.add(0, stream(format, new Shard(number, count), 2, 0));
            }
            made.forEach(shards::update);
            assertThat(HexFormat.of().formatHex(shards.digest()))
                    .as("%d shards", count)
                    .isEqualTo(whole);
        }
    }

    @Test
    void aShardOfFewerRowsThanShardsMayBeEmpty() {
        assertThat(List.of(new Shard(0, 3), new Shard(1, 3), new Shard(2, 3)))
                .extracting(shard -> shard.from(2) + "-" + shard.to(2))
                .containsExactly("0-1", "1-2", "2-2");
        assertThatThrownBy(() -> new Shard(3, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String digest(RowFormat format, Shard shard, int threads, int rowsPerBlock) throws Exception {
        return DigestUtils.sha256Hex(stream(format, shard, threads, rowsPerBlock));
    }

    private static byte[] stream(RowFormat format, Shard shard, int threads, int rowsPerBlock)
            throws SQLException, InterruptedException {
        ExecutorService makers = Executors.newFixedThreadPool(threads);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            new RowBlocks(TABLE, format, shard, makers, threads + 1, rowsPerBlock)
                    .forEach((block, length, rowsDone) -> bytes.write(block, 0, length));
        } finally {
            makers.shutdownNow();
        }
        return bytes.toByteArray();
    }
}
