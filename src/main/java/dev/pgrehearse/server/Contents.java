package dev.pgrehearse.server;

/**
 * What is in a data directory whose server is stopped.
 *
 * @param fingerprint SHA-256, in hexadecimal, of the names, sizes and times of change of all its files: another one means
 *     that somebody wrote there; empty when the directory is gone
 * @param bytes of all files together
 */
public record Contents(String fingerprint, long bytes) {
    public static final Contents NONE = new Contents("", 0);
}
