package dev.pgrehearse.scenario;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL to rehearse on.
 *
 * @param kind how it is started
 * @param version its major version; 0 when the image decides
 * @param image the container image; null for other kinds
 * @param settings {@code postgresql.conf} parameters by name, as written
 */
public record ServerSpec(Kind kind, int version, @Nullable String image, Map<String, String> settings) {
    /** The same, with these settings over its own. */
    ServerSpec with(Map<String, String> others) {
        Map<String, String> merged = new LinkedHashMap<>(settings);
        // PostgreSQL takes a name in any case.
        merged.keySet().removeIf(name -> others.containsKey(name.toLowerCase(Locale.ROOT)));
        merged.putAll(others);
        return new ServerSpec(kind, version, image, merged);
    }

    /** How a server is started. */
    public enum Kind {
        /** From the binaries inside the tool's own jar. */
        EMBEDDED,
        /** In a container, through Testcontainers. */
        CONTAINER
    }
}
