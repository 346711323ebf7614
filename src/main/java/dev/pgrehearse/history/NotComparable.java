package dev.pgrehearse.history;

import java.util.List;

/** An estimate cannot be held against a measurement; the message says everything that is in the way. */
public final class NotComparable extends Exception {
    private static final long serialVersionUID = 1L;

    NotComparable(List<String> reasons) {
        super(String.join("\n", reasons));
    }
}
