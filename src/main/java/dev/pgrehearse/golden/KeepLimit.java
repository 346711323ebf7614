package dev.pgrehearse.golden;

import dev.pgrehearse.server.ServerProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much disk the kept datasets may take together.
 *
 * <p>{@code PGREHEARSE_KEEP} (environment or system property) says it, with PostgreSQL's units: {@code 40GB}. Otherwise
 * it is half of what is free or kept on the cache directory's disk.
 *
 * @param bytes of all datasets, 0 or above
 * @param chosen whether somebody set it
 */
public record KeepLimit(long bytes, boolean chosen) {
    /** Environment variable and system property that sets the limit. */
    public static final String SWITCH = "PGREHEARSE_KEEP";

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,6}(?:\\.[0-9]{1,3})?) ?(MB|GB|TB)");

    /**
     * The limit as it is now.
     *
     * @param folder on the disk that holds the datasets
     * @param kept bytes that they take there now
     */
    static KeepLimit find(Path folder, long kept) throws IOException {
        String environment = System.getenv(SWITCH);
        String wanted = System.getProperty(SWITCH, environment == null ? "" : environment);
        return wanted.isBlank()
                ? new KeepLimit((Files.getFileStore(folder).getUsableSpace() + kept) / 2, false)
                : new KeepLimit(bytes(wanted), true);
    }

    /**
     * What a size says.
     *
     * @throws ServerProblem when it is none
     */
    static long bytes(String size) {
        Matcher matcher = SIZE.matcher(size.strip());
        if (!matcher.matches()) {
            throw new ServerProblem(
                    SWITCH + " is `" + size + "`, which is no size.",
                    "No dataset was removed.",
                    "Write a number and MB, GB or TB, such as " + SWITCH + "=40GB.");
        }
        long unit = switch (matcher.group(2)) {
            case "MB" -> 1L << 20;
            case "GB" -> 1L << 30;
            default -> 1L << 40;
        };
        return (long) (Double.parseDouble(matcher.group(1)) * unit);
    }
}
