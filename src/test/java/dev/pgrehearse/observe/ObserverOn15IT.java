package dev.pgrehearse.observe;

import org.junit.jupiter.api.condition.EnabledIf;

/** On the installed PostgreSQL 15. */
@EnabledIf("isInstalled")
class ObserverOn15IT extends ObserverContract {
    static boolean isInstalled() {
        return ObservedServer.isInstalled15();
    }

    @Override
    ObservedServer startServer() throws Exception {
        return ObservedServer.start15();
    }
}
