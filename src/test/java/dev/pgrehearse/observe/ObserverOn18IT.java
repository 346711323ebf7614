package dev.pgrehearse.observe;

/** On the PostgreSQL 18 of the embedded binaries. */
class ObserverOn18IT extends ObserverContract {
    @Override
    ObservedServer startServer() throws Exception {
        return ObservedServer.start18();
    }
}
