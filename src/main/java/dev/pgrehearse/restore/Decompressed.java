package dev.pgrehearse.restore;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Files that may be compressed by gzip or Zstandard, told by their first bytes and not by their names. */
final class Decompressed {
    private static final int BUFFER_BYTES = 1 << 18;

    private Decompressed() {}

    /** The content; reading a truncated file fails. */
    static InputStream open(Path file) throws IOException {
        return of(Files.newInputStream(file));
    }

    /** The content of a stream, which is closed with it. */
    static InputStream of(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, BUFFER_BYTES);
        in.mark(4);
        byte[] first = in.readNBytes(4);
        in.reset();
        if (isGzip(first)) {
            return new GZIPInputStream(in, BUFFER_BYTES);
        }
        return isZstandard(first) ? new ZstdInputStream(in) : in;
    }

    static boolean isCompressed(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(4);
            return isGzip(first) || isZstandard(first);
        }
    }

    private static boolean isGzip(byte[] first) {
        return first.length >= 2 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b;
    }

    private static boolean isZstandard(byte[] first) {
        return first.length >= 4
                && (first[0] & 0xff) == 0x28
                && (first[1] & 0xff) == 0xb5
                && (first[2] & 0xff) == 0x2f
                && (first[3] & 0xff) == 0xfd;
    }
}
