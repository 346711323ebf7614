package dev.pgrehearse.values;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a column are like, as far as statistics and the schema say. Immutable; made by {@link #of} and the
 * {@code with…} methods.
 *
 * @param column the column's name, by which a dictionary is chosen for text
 * @param type {@code format_type} of the column, of a domain that of its base type: {@code character varying(20)},
 *     {@code integer[]}
 * @param distinct how many different values, at least 1
 * @param bounds ends of equally populated parts, ascending in the type's order, in PostgreSQL's text form with
 *     {@code DateStyle} ISO; empty when nobody knows
 * @param lengths quantiles of the values' lengths in bytes, in any order; empty when nobody knows
 * @param averageWidth {@code avg_width}: bytes with the header of a value of variable length; 0 when nobody knows. Of
 *     values that are stored out of line this is the pointer: pass the width that they would have in line
 * @param fractionDigits the most digits after the point of a numeric
 * @param known values in the type's order. As many as {@code distinct} or more: these alone. Fewer: numbers, times and
 *     their like get them and others between; of text they are what the others begin with. Not possible for any
 *     other type, enums among them
 * @param faker a Datafaker expression for text; null to choose by name
 * @param limits what CHECKs and bounds of partitions allow
 * @param lengthAt lengths in bytes of the texts at some indexes, such as those of common values; they hold where
 *     distinctness lets them. Then {@code averageWidth} is that of the others
 * @param elements of arrays; null for anything else, or when nobody knows
 * @param emptyShare of ranges: when it is above 0, the value at index 0 is the empty one
 * @param rangeLengths of ranges: quantiles of their lengths as PostgreSQL keeps them (numbers, days of dates, seconds of
 *     times), infinite for those without an end
 */
public record ColumnShape(
        String column,
        String type,
        long distinct,
        List<String> bounds,
        List<Integer> lengths,
        double averageWidth,
        int fractionDigits,
        List<String> known,
        @Nullable String faker,
        Limits limits,
        Map<Long, Integer> lengthAt,
        @Nullable Elements elements,
        double emptyShare,
        List<Double> rangeLengths) {
    public ColumnShape {
        bounds = List.copyOf(bounds);
        lengths = List.copyOf(lengths);
        known = List.copyOf(known);
        lengthAt = Map.copyOf(lengthAt);
        rangeLengths = List.copyOf(rangeLengths);
    }

    /**
     * Limits; null and 0 where there is none.
     *
     * @param lowest in PostgreSQL's text form
     * @param lowestIncluded whether {@code lowest} itself is allowed
     * @param highest in PostgreSQL's text form
     * @param highestIncluded whether {@code highest} itself is allowed
     * @param shortest least length of text in characters
     * @param longest greatest length of text in characters; null when there is none
     */
    public record Limits(
            @Nullable String lowest,
            boolean lowestIncluded,
            @Nullable String highest,
            boolean highestIncluded,
            int shortest,
            @Nullable Integer longest) {
        /** No limits. */
        public static final Limits NONE = new Limits(null, true, null, true, 0, null);
    }

    /**
     * The elements of arrays.
     *
     * @param averageCount how many a value has, on average
     * @param counts quantiles of how many; empty when nobody knows
     * @param values in the order of the element's type; empty when nobody knows them
     * @param distinct how many different ones there are, in all arrays together; 0 when nobody knows
     * @param frequencies shares of rows that hold each of the common ones, the most frequent first
     */
    public record Elements(
            double averageCount, List<Double> counts, List<String> values, long distinct, List<Double> frequencies) {
        public Elements {
            counts = List.copyOf(counts);
            values = List.copyOf(values);
            frequencies = List.copyOf(frequencies);
        }
    }

    /** A column of which nothing else is known. */
    public static ColumnShape of(String column, String type, long distinct) {
        return new ColumnShape(
                column,
                type,
                distinct,
                List.of(),
                List.of(),
                0,
                0,
                List.of(),
                null,
                Limits.NONE,
                Map.of(),
                null,
                0,
                List.of());
    }

    /** The same with other {@link #type}. */
    public ColumnShape withType(String typeNow) {
        return new ColumnShape(
                column,
                typeNow,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #distinct}. */
    public ColumnShape withDistinct(long distinctNow) {
        return new ColumnShape(
                column,
                type,
                distinctNow,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #bounds}. */
    public ColumnShape withBounds(List<String> boundsNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                boundsNow,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #lengths}. */
    public ColumnShape withLengths(List<Integer> lengthsNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengthsNow,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #averageWidth}. */
    public ColumnShape withAverageWidth(double averageWidthNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidthNow,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #fractionDigits}. */
    public ColumnShape withFractionDigits(int fractionDigitsNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigitsNow,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #known}. */
    public ColumnShape withKnown(List<String> knownNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                knownNow,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #faker}. */
    public ColumnShape withFaker(@Nullable String fakerNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                fakerNow,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #limits}. */
    public ColumnShape withLimits(Limits limitsNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limitsNow,
                lengthAt,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #lengthAt}. */
    public ColumnShape withLengthAt(Map<Long, Integer> lengthAtNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAtNow,
                elements,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #elements}. */
    public ColumnShape withElements(@Nullable Elements elementsNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elementsNow,
                emptyShare,
                rangeLengths);
    }

    /** The same with other {@link #emptyShare}. */
    public ColumnShape withEmptyShare(double emptyShareNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShareNow,
                rangeLengths);
    }

    /** The same with other {@link #rangeLengths}. */
    public ColumnShape withRangeLengths(List<Double> rangeLengthsNow) {
        return new ColumnShape(
                column,
                type,
                distinct,
                bounds,
                lengths,
                averageWidth,
                fractionDigits,
                known,
                faker,
                limits,
                lengthAt,
                elements,
                emptyShare,
                rangeLengthsNow);
    }
}
