package dev.pgrehearse.server;

/**
 * A setting that is not what was asked for.
 *
 * @param name the parameter
 * @param asked the value as written
 * @param effective the server's value, as SHOW prints it, or {@value #NO_SUCH_SETTING}
 * @param source where the server has its value from, as {@code pg_settings.source} tells it
 */
public record SettingDifference(String name, String asked, String effective, String source) {
    /** For a parameter of a library that is not loaded. */
    public static final String NO_SUCH_SETTING = "(no such setting)";
}
