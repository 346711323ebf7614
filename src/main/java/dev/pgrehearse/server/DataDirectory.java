package dev.pgrehearse.server;

import dev.pgrehearse.postgres.Password;
import java.util.List;

/**
 * A PostgreSQL data directory of ours. Immutable; safe to print, since passwords hide themselves.
 *
 * @param location the path of an embedded server's directory, or the name of the volume that holds a container's
 * @param superuserPassword of the role {@value #SUPERUSER}
 * @param appPassword of the role {@value #APP}
 * @param locale provider and name, such as {@code builtin C.UTF-8}
 * @param preloadLibraries what {@code shared_preload_libraries} holds at least: what the server's own sample
 *     configuration asks for, and {@code pg_stat_statements} where that exists
 */
public record DataDirectory(
        String location,
        Password superuserPassword,
        Password appPassword,
        String locale,
        List<String> preloadLibraries) {
    /** The superuser that {@code initdb} makes. */
    public static final String SUPERUSER = "pgrehearse";

    /** The login role that owns the database; no superuser. */
    public static final String APP = "app";

    /** The database that is rehearsed on. */
    public static final String DATABASE = "rehearsal";

    public DataDirectory {
        preloadLibraries = List.copyOf(preloadLibraries);
    }

    DataDirectory with(List<String> otherLibraries) {
        return new DataDirectory(location, superuserPassword, appPassword, locale, otherLibraries);
    }

    DataDirectory at(String otherLocation) {
        return new DataDirectory(otherLocation, superuserPassword, appPassword, locale, preloadLibraries);
    }
}
