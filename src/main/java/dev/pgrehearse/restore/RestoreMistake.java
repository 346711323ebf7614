package dev.pgrehearse.restore;

/** What is to be restored cannot be, as anybody could have seen before anything was loaded: the scenario is to be corrected. */
public final class RestoreMistake extends Exception {
    private static final long serialVersionUID = 1L;

    RestoreMistake(String message) {
        super(message);
    }
}
