package dev.pgrehearse.scenario;

import java.util.Map;

/**
 * A streaming standby of the server, on the same machine.
 *
 * @param settings {@code postgresql.conf} parameters that it has besides those of the server itself, or instead of them, by
 *     name, as written
 */
public record StandbySpec(Map<String, String> settings) {
    public StandbySpec {
        settings = Map.copyOf(settings);
    }
}
