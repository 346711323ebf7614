package dev.pgrehearse.observe;

/** The state of one application instance's connection pool, read in-process. Implementations are thread-safe and cheap. */
public interface PoolGauge {
    /** The instance's name, as facts carry it. */
    String instance();

    /** The most connections the pool may have. */
    int size();

    /** Connections in use now. */
    int active();

    /** Connections that nobody uses now. */
    int idle();

    /** Requests that wait for a connection now. */
    int pending();
}
