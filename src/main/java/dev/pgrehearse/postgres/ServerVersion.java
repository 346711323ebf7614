package dev.pgrehearse.postgres;

/**
 * A server's version, as {@code server_version_num} tells it.
 *
 * @param number such as 180006 for 18.6
 */
public record ServerVersion(int number) {
    private static final int MAJOR_FACTOR = 10_000;

    public int major() {
        return number / MAJOR_FACTOR;
    }

    public int minor() {
        return number % MAJOR_FACTOR;
    }

    public boolean isAtLeast(int major) {
        return major() >= major;
    }

    @Override
    public String toString() {
        return major() + "." + minor();
    }
}
