package dev.pgrehearse.restore;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What an archive of {@code pg_dump} says of itself in its first bytes.
 *
 * <p>Source: {@code ReadHead} and {@code ReadInt} in PostgreSQL's {@code src/bin/pg_dump/pg_backup_archiver.c}, and the
 * numbers of formats in {@code pg_backup_archiver.h}.
 *
 * @param major of the archive's format
 * @param minor of the archive's format
 * @param compressed whether its data are
 * @param database that was dumped
 * @param serverVersion of the server that it was dumped from, such as {@code 15.18 (Debian 15.18-0+deb12u1)}
 * @param dumpVersion of {@code pg_dump}
 */
record ArchiveHeader(
        int major, int minor, boolean compressed, String database, String serverVersion, String dumpVersion) {
    static final String MAGIC = "PGDMP";

    /** Where the numbers of a compressed archive became names. */
    private static final int FIRST_WITH_ALGORITHM = 15;

    private static final int LONGEST_TEXT = 10_000;

    /** The format that each major version of {@code pg_restore} was the first to read. */
    private static final int[][] FIRST_READERS = {{16, 17}, {15, 16}, {14, 12}};

    private static final int NEWEST_KNOWN_MINOR = 16;
    private static final int AFTER_ALL_KNOWN = 19;
    private static final int OLDEST_OF_USE = 10;

    /**
     * Reads it.
     *
     * @throws EOFException when the archive ends within it
     * @throws IOException when it is none
     */
    static ArchiveHeader read(InputStream stream) throws IOException {
        DataInputStream in = new DataInputStream(stream);
        if (!new String(in.readNBytes(MAGIC.length()), StandardCharsets.US_ASCII).equals(MAGIC)) {
            throw new IOException("it does not begin with " + MAGIC);
        }
        int major = in.readUnsignedByte();
        int minor = in.readUnsignedByte();
        in.readUnsignedByte();
        int integerBytes = in.readUnsignedByte();
        in.readUnsignedByte();
        in.readUnsignedByte();
        if (major != 1 || minor > NEWEST_KNOWN_MINOR) {
            // Who knows what stands where in it.
            return new ArchiveHeader(major, minor, true, "", "", "");
        }
        boolean compressed =
                minor >= FIRST_WITH_ALGORITHM ? in.readUnsignedByte() != 0 : integer(in, integerBytes) != 0;
        for (int partOfTheDate = 0; partOfTheDate < 7; partOfTheDate++) {
            integer(in, integerBytes);
        }
        return new ArchiveHeader(
                major, minor, compressed, text(in, integerBytes), text(in, integerBytes), text(in, integerBytes));
    }

    /** A byte for the sign, then the bytes from the lowest. */
    private static int integer(DataInputStream in, int bytes) throws IOException {
        boolean negative = in.readUnsignedByte() != 0;
        int value = 0;
        for (int index = 0; index < bytes; index++) {
            value |= in.readUnsignedByte() << (8 * index);
        }
        return negative ? -value : value;
    }

    private static String text(DataInputStream in, int integerBytes) throws IOException {
        int length = integer(in, integerBytes);
        if (length > LONGEST_TEXT) {
            throw new IOException("its header is damaged: a text of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(Math.max(0, length));
        if (bytes.length < length) {
            throw new EOFException();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The oldest major version of {@code pg_restore} that reads it. */
    int oldestReader() {
        if (major != 1 || minor > NEWEST_KNOWN_MINOR) {
            return AFTER_ALL_KNOWN;
        }
        for (int[] first : FIRST_READERS) {
            if (minor >= first[0]) {
                return first[1];
            }
        }
        return OLDEST_OF_USE;
    }

    /** The major version of the server that it was dumped from; 0 when it does not say. */
    int serverMajor() {
        String number = serverVersion.replaceFirst("[^0-9].*$", "");
        return number.isEmpty() ? 0 : Integer.parseInt(number);
    }
}
