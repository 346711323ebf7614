package dev.pgrehearse.scenario;

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
    /** How a server is started. */
    public enum Kind {
        /** From the binaries inside the tool's own jar. */
        EMBEDDED,
        /** In a container, through Testcontainers. */
        CONTAINER
    }
}
