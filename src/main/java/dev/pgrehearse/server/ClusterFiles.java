package dev.pgrehearse.server;

/** What every cluster of ours has in its configuration files. */
final class ClusterFiles {
    /**
     * Everybody needs a password, from wherever; that nobody comes from outside this machine is the listening address's
     * doing, since a container's server sees the engine's gateway as its client.
     */
    static final String HBA = """
            # TYPE  DATABASE     USER  ADDRESS  METHOD
            local   all          all            scram-sha-256
            host    all          all   all      scram-sha-256
            """;

    /** The last line of {@code postgresql.conf}. */
    static final String INCLUDE = "\ninclude '" + ServerSettings.FILE_NAME + "'\n";

    private ClusterFiles() {}
}
