package dev.pgrehearse.profiling;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What privacy asks of a type: what its values may become in the file. */
enum Shape {
    /** Numbers: bounds rounded outward. */
    NUMBER,
    /** Numbers without a fraction: likewise, within what the type can hold. */
    INTEGER,
    /** Days: bounds rounded outward. */
    DATE,
    /** Points in time, with or without a zone: likewise. */
    TIMESTAMP,
    /** Times of the day: likewise. */
    TIME,
    /** Durations: likewise. */
    INTERVAL,
    /** Booleans and enums: their values are part of the schema, and stay. */
    DECLARED,
    /** Ranges and multiranges: both ends as values of their subtype. */
    RANGE,
    /** Arrays: lengths, and frequencies of elements. */
    ARRAY,
    /** Everything else, of which lengths remain. */
    TEXT_LIKE;

    private static final Set<Shape> ROUNDED =
            Collections.unmodifiableSet(EnumSet.of(NUMBER, INTEGER, DATE, TIMESTAMP, TIME, INTERVAL));

    /** Whether bounds of it can be rounded. */
    boolean isRounded() {
        return ROUNDED.contains(this);
    }
}
