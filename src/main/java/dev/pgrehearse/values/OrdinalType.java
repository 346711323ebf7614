package dev.pgrehearse.values;

/**
 * A type whose values are whole numbers in another form, in the same order: days, microseconds, hundredths.
 * Implementations are immutable.
 */
interface OrdinalType {
    /**
     * The number of a value.
     *
     * @param up whether one between two numbers becomes the upper one
     * @throws IllegalArgumentException when the text is none of the type
     */
    long ordinal(String text, boolean up);

    /** Writes the value, in plain ASCII without anything to escape. */
    void write(CopyBuffer out, long ordinal);

    /** The least number of the type. */
    long lowest();

    /** The greatest number of the type. */
    long highest();

    /** Where values begin when nobody knows. */
    default long usualStart() {
        return 1;
    }

    /** How far apart the first and the last of some values are when nobody knows. */
    default long usualSpan(long distinct) {
        return distinct - 1;
    }

    /** Whether the value has a number of its own, so that nothing is lost in {@link #ordinal}. */
    default boolean isExact(String text) {
        return ordinal(text, false) == ordinal(text, true);
    }

    /** Whether it is beyond all that lie on a line: infinite, or no number. */
    default boolean isEndless(String text) {
        return false;
    }

    /** What {@link #ordinal} throws. */
    static IllegalArgumentException unreadable(String text, String type) {
        return new IllegalArgumentException("'" + text + "', which is no " + type + " that can be read");
    }
}
