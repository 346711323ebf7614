package dev.pgrehearse.scenario;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;

/**
 * Where the values of a column, or of a statement's parameter, come from.
 *
 * @param source what makes the values
 * @param nullShare the share of values that are NULL, 0 to 1
 */
public record ValueSpec(Source source, double nullShare) {
    /** What makes values. */
    public sealed interface Source {}

    /** {@code start}, {@code start + step}, …: the value of row r (from 0) is {@code start + r * step}. */
    public record Sequence(long start, long step) implements Source {}

    /** Whole numbers, each as likely, both ends included. */
    public record IntegerRange(long from, long to) implements Source {}

    /** Decimal numbers of a fixed number of fraction digits, each as likely, both ends included. */
    public record DecimalRange(BigDecimal from, BigDecimal to, int scale) implements Source {}

    /** One of several values by weight; weights need not add up to anything. */
    public record OneOf(Map<String, Double> weights) implements Source {}

    /**
     * A Datafaker expression such as {@code internet.emailAddress} or {@code #{Name.firstName} #{Name.lastName}}.
     *
     * @param expression as written
     * @param distinct how many different values the dictionary holds that rows are drawn from
     */
    public record Faker(String expression, int distinct) implements Source {}

    /** Text of letters and spaces, whose length is drawn from a distribution, both ends included, in characters. */
    public record Text(int minimumLength, int maximumLength, LengthDistribution distribution) implements Source {}

    /** How the lengths of texts are spread between minimum and maximum. */
    public enum LengthDistribution {
        /** Every length as likely. */
        UNIFORM,
        /** Around the middle: the mean of the ends, a sixth of their distance as standard deviation. */
        NORMAL,
        /** Mostly short: exponential above the minimum, with a fifth of the distance as mean. */
        SHORT
    }

    /**
     * Times over a period, the first included, the last not.
     *
     * @param ascending true when they grow with the row number, as {@code created_at} does; false when each is random
     */
    public record Timestamp(Instant from, Instant to, boolean ascending) implements Source {}

    /**
     * A key of another row, as a foreign key holds it (columns) or as a request asks for it (parameters).
     *
     * @param skew 0 for every key as likely; above 0 the exponent of a Zipf distribution over the keys
     */
    public record Reference(String table, String column, double skew) implements Source {}

    /** The same value always, as written. */
    public record Constant(String value) implements Source {}

    /** Random version 4 UUIDs. */
    public record RandomUuid() implements Source {}
}
