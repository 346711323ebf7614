package dev.pgrehearse.estimate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The room that a migration needs at the target, beside what was there.
 *
 * @param walBytes that all statements write together; null when that of one is UNKNOWN
 * @param temporaryBytes the most of any statement, since each one's are gone at its end; null likewise
 * @param fileBytes by how much tables and indexes grow at most, all statements together: as if what one replaces stayed until
 *     the end, which in one transaction it does; null likewise
 * @param diskBytes files, temporary files and WAL together at their most, WAL up to {@code max_wal_size}; null when one of
 *     them is UNKNOWN
 */
public record Space(
        StatementSpace.@Nullable Bytes walBytes,
        StatementSpace.@Nullable Bytes temporaryBytes,
        StatementSpace.@Nullable Bytes fileBytes,
        StatementSpace.@Nullable Bytes diskBytes) {
    /** Nothing is known of it, as in files of earlier versions. */
    public static final Space NONE = new Space(null, null, null, null);

    /**
     * Of all statements together.
     *
     * @param maxWalSize in bytes; NaN when it is not known
     */
    static Space of(List<StatementEstimate> statements, double maxWalSize) {
        StatementSpace.Bytes wal = new StatementSpace.Bytes(0, 0);
        StatementSpace.Bytes temporary = wal;
        StatementSpace.Bytes files = wal;
        for (StatementEstimate statement : statements) {
            Extrapolation written = statement.walBytes();
            Extrapolation spilled = statement.space().temporaryBytes();
            Extrapolation grown = statement.space().fileBytes();
            files = files == null || grown == null ? null : files.plus(StatementSpace.Bytes.of(grown));
            wal = wal == null || written == null ? null : wal.plus(StatementSpace.Bytes.of(written));
            temporary =
                    temporary == null || spilled == null ? null : temporary.orMore(StatementSpace.Bytes.of(spilled));
        }
        return new Space(wal, temporary, files, disk(files, temporary, wal, maxWalSize));
    }

    /**
     * WAL is removed, or used again, at checkpoints: {@code max_wal_size} of it stays, and up to twice as much where the
     * next checkpoint is due before the last one has ended.
     */
    static StatementSpace.@Nullable Bytes disk(
            StatementSpace.@Nullable Bytes files,
            StatementSpace.@Nullable Bytes temporary,
            StatementSpace.@Nullable Bytes wal,
            double maxWalSize) {
        if (files == null || temporary == null || wal == null || Double.isNaN(maxWalSize)) {
            return null;
        }
        return files.plus(temporary).plus(wal.atMost(maxWalSize, 2 * maxWalSize));
    }
}
