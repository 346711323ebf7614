package dev.pgrehearse.values;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes domains from what statistics say of a column: as many different values as it has, where they lie, as wide as
 * they are. Thread-safe.
 *
 * <p>A value grows with its index in PostgreSQL's own order of the type; of texts in the order of their bytes, which
 * other collations follow in the main. {@code json}, {@code xml}, {@code tsquery} and the geometric types have no order
 * that could be kept.
 */
public final class ProfiledDomains {
    /** Lengths of names: NAMEDATALEN less one. */
    private static final int NAME = 63;
    /** The type of each character is one byte. */
    private static final int CHARACTER = 1;

    private static final int UNLIMITED = 10_485_760;
    /** Width that texts get when nobody knows better. */
    private static final double USUAL_WIDTH = 24;
    /** In {@code inet}: family, bits and the address, with a header of one byte. */
    private static final double IPV4_WIDTH = 7;

    private static final double IPV6_WIDTH = 19;

    /** In bytes, with some letters in it that tell values apart. */
    private static final double SHORTEST_OBJECT = 24;

    private static final int UUID_LENGTH = 36;

    private final Dictionaries dictionaries;
    private final long seed;
    private final Texts texts;

    /** @param dictionaries shared between all that use the same seed */
    public ProfiledDomains(Dictionaries dictionaries, long seed) {
        this.dictionaries = dictionaries;
        this.seed = seed;
        this.texts = new Texts(dictionaries, seed);
    }

    /**
     * The values of a column.
     *
     * @throws IllegalArgumentException when there are not so many different ones, limits contradict each other, a bound
     *     cannot be read, or the type is none that can be made
     */
    public Domain of(ColumnShape shape) {
        if (shape.distinct() < 1 || shape.distinct() > Spread.LARGEST) {
            throw new IllegalArgumentException(
                    shape.distinct() + " different values; 1 to " + Spread.LARGEST + " are possible");
        }
        TypeName type = TypeName.parse(shape.type());
        if (shape.known().size() >= shape.distinct()) {
            return new Dictionary(evenly(shape.known(), (int) shape.distinct()));
        }
        return type.array() ? array(shape, type) : plain(shape, type);
    }

    /** An object or, where there is no room for one, a string. */
    private static TextKind json(double width) {
        return width < SHORTEST_OBJECT ? TextKind.enclosed("\"", "\"") : TextKind.enclosed("{\"note\": \"", "\"}");
    }

    /** A generator of one domain's values, of which a draw says which row gets which. */
    public static ValueGenerator generator(Domain domain, Draw draw) {
        return new IndexedValues(domain, draw);
    }

    private static List<String> evenly(List<String> known, int count) {
        List<String> chosen = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            chosen.add(known.get((int) ((long) index * known.size() / count)));
        }
        return chosen;
    }

    private Domain plain(ColumnShape shape, TypeName type) {
        List<OrdinalType> ordinals = ordinals(shape, type);
        if (!ordinals.isEmpty()) {
            return Ascending.of(shape, ordinals);
        }
        return switch (type.name()) {
            case "real" -> floats(shape, "real", DecimalType.REAL_DIGITS, true);
            case "double precision" -> floats(shape, "double precision", DecimalType.DOUBLE_DIGITS, false);
            case "text", "citext", "character varying", "character", "name", "\"char\"" -> text(shape, type);
            case "json" ->
                unknownOnly(shape, () -> texts.of(shape, json(width(shape, 80)), UNLIMITED, width(shape, 80)));
            case "xml" ->
                unknownOnly(
                        shape,
                        () -> texts.of(shape, TextKind.enclosed("<note>", "</note>"), UNLIMITED, width(shape, 80)));
            case "jsonb" -> unknownOnly(shape, () -> new JsonObjects(shape, dictionaries, seed));
            case "bytea" -> unknownOnly(shape, () -> new Bytes(withWidth(shape, USUAL_WIDTH), seed));
            case "inet", "cidr" -> addresses(shape, type.name().equals("cidr"));
            case "bit", "bit varying" -> unknownOnly(shape, () -> Bits.of(shape, type, seed));
            case "point", "line", "lseg", "box", "path", "polygon", "circle" ->
                unknownOnly(shape, () -> Shapes.of(shape, type.name()));
            case "tsvector" -> unknownOnly(shape, () -> Lexemes.of(shape, false, seed));
            case "tsquery" -> unknownOnly(shape, () -> Lexemes.of(shape, true, seed));
            case "int4range",
                    "int8range",
                    "numrange",
                    "daterange",
                    "tsrange",
                    "tstzrange",
                    "int4multirange",
                    "int8multirange",
                    "nummultirange",
                    "datemultirange",
                    "tsmultirange",
                    "tstzmultirange" -> unknownOnly(shape, () -> ranges(shape, type.name()));
            default -> throw unmade(shape);
        };
    }

    private static IllegalArgumentException unmade(ColumnShape shape) {
        return new IllegalArgumentException(
                shape.known().isEmpty()
                        ? "the type " + shape.type() + ", of which no values can be made"
                        : shape.distinct() + " different values of the type " + shape.type() + ", of which only "
                                + shape.known().size() + " are known");
    }

    /** The types whose values are numbers in another form, from coarse to fine; empty for any other. */
    private static List<OrdinalType> ordinals(ColumnShape shape, TypeName type) {
        return switch (type.name()) {
            case "smallint" -> List.of(new IntegerType("smallint", Short.MIN_VALUE, Short.MAX_VALUE));
            case "integer" -> List.of(new IntegerType("integer", Integer.MIN_VALUE, Integer.MAX_VALUE));
            case "bigint" -> List.of(new IntegerType("bigint", Long.MIN_VALUE, Long.MAX_VALUE));
            case "oid", "xid", "cid", "regclass" -> List.of(new IntegerType(type.name(), 0, 0xFFFF_FFFFL));
            case "numeric" -> DecimalType.numerics(shape, type);
            case "money" -> List.of(DecimalType.money());
            case "boolean" -> List.of(new BooleanType());
            case "date" -> List.of(new DateType());
            case "timestamp without time zone" -> TimestampType.steps(type, false);
            case "timestamp with time zone" -> TimestampType.steps(type, true);
            case "time without time zone" -> TimeType.steps(type, false);
            case "time with time zone" -> TimeType.steps(type, true);
            case "interval" -> IntervalType.steps(type);
            case "uuid" -> List.of(UuidType.of(shape.bounds()));
            case "macaddr" -> List.of(new MacAddressType(false));
            case "macaddr8" -> List.of(new MacAddressType(true));
            case "pg_lsn" -> List.of(new LsnType());
            case "pg_snapshot", "txid_snapshot" -> List.of(new SnapshotType());
            default -> List.of();
        };
    }

    private static Domain floats(ColumnShape shape, String name, int digits, boolean single) {
        List<OrdinalType> candidates = DecimalType.floats(shape, name, digits);
        if (!candidates.isEmpty() && shape.known().isEmpty()) {
            try {
                return Ascending.of(shape, candidates);
            } catch (IllegalArgumentException tooFewDigits) {
                return binary(shape, single);
            }
        }
        return binary(shape, single);
    }

    private static Domain binary(ColumnShape shape, boolean single) {
        // Between 0 and 1 without bounds, where half of all positive ones are.
        ColumnShape bounded = shape.bounds().isEmpty() && shape.limits().equals(ColumnShape.Limits.NONE)
                ? shape.withBounds(List.of("1", "1000000"))
                : shape;
        return Ascending.of(bounded, new RealType(single));
    }

    /** What makes a domain once it is sure that nothing is known that it would not heed. */
    private interface Maker {
        Domain make();
    }

    private static Domain unknownOnly(ColumnShape shape, Maker maker) {
        if (!shape.known().isEmpty()) {
            throw unmade(shape);
        }
        if (shape.limits().lowest() != null || shape.limits().highest() != null) {
            throw new IllegalArgumentException("limits from " + shape.limits().lowest() + " to "
                    + shape.limits().highest() + ", which cannot be kept for the type " + shape.type());
        }
        return maker.make();
    }

    private static double width(ColumnShape shape, double otherwise) {
        return shape.averageWidth() > 0 || !shape.lengths().isEmpty() ? shape.averageWidth() : otherwise;
    }

    private static ColumnShape withWidth(ColumnShape shape, double otherwise) {
        return shape.withAverageWidth(width(shape, otherwise));
    }

    private Domain text(ColumnShape shape, TypeName type) {
        int longest = switch (type.name()) {
            case "character varying" -> type.modifier(UNLIMITED);
            case "character" -> type.modifier(1);
            case "name" -> NAME;
            case "\"char\"" -> CHARACTER;
            default -> UNLIMITED;
        };
        boolean fixedWidth = type.name().equals("name")
                || type.name().equals("\"char\"")
                || type.name().equals("character");
        double width = fixedWidth
                ? (shape.lengths().isEmpty() ? Math.min(longest + 1, USUAL_WIDTH) : 0)
                : width(shape, Math.min(longest + 1, USUAL_WIDTH));
        if (!shape.known().isEmpty()) {
            return texts.of(shape, TextKind.known(shape.known()), longest, width);
        }
        if (shape.faker() != null) {
            return texts.of(shape, TextKind.faker(shape.faker()), longest, width);
        }
        ColumnShape.Limits limits = shape.limits();
        if (limits.lowest() != null || limits.highest() != null) {
            return texts.of(shape, TextKind.within(limits.lowest(), limits.highest()), longest, width);
        }
        ColumnShape unbounded = shape.withBounds(List.of()).withLimits(ColumnShape.Limits.NONE);
        if (isUuids(shape, longest)) {
            return Ascending.of(unbounded, UuidType.of(List.of()));
        }
        Ipv4TextType address = Ipv4TextType.of(width);
        if (shape.column().matches("(?i)(.*_)?(ip|ip_?addr(ess)?|remote_?addr)")
                && longest >= Ipv4TextType.LONGEST
                && shape.distinct() <= address.highest()) {
            return Ascending.of(unbounded, address);
        }
        return texts.of(shape, TextKind.of(shape.column()), longest, width);
    }

    private static boolean isUuids(ColumnShape shape, int longest) {
        boolean named = shape.column().matches("(?i)(.*_)?(uuid|guid|id|token|key)");
        boolean wide = Math.abs(shape.averageWidth() - UUID_LENGTH - 1) < 0.5 || longest == UUID_LENGTH;
        return named
                && wide
                && longest >= UUID_LENGTH
                && shape.lengthAt().isEmpty()
                && shape.lengths().stream().allMatch(length -> length == UUID_LENGTH);
    }

    private static Domain addresses(ColumnShape shape, boolean network) {
        List<String> sixes =
                shape.bounds().stream().filter(bound -> bound.indexOf(':') >= 0).toList();
        List<String> fours =
                shape.bounds().stream().filter(bound -> bound.indexOf(':') < 0).toList();
        double share = Math.max(0, Math.min(1, (shape.averageWidth() - IPV4_WIDTH) / (IPV6_WIDTH - IPV4_WIDTH)));
        long six = shape.averageWidth() == 0
                ? shape.distinct() * sixes.size() / Math.max(1, shape.bounds().size())
                : Math.round(shape.distinct() * share);
        if (!shape.limits().equals(ColumnShape.Limits.NONE) || !shape.known().isEmpty()) {
            six = sixes.size() > fours.size() ? shape.distinct() : 0;
        }
        if (six == 0) {
            return Ascending.of(shape.withBounds(fours), new Ipv4Type(network));
        }
        Domain upper = Ascending.of(shape.withBounds(sixes).withDistinct(six), new Ipv6Type(network));
        if (six == shape.distinct()) {
            return upper;
        }
        return new Concatenated(
                Ascending.of(shape.withBounds(fours).withDistinct(shape.distinct() - six), new Ipv4Type(network)),
                upper);
    }

    private Domain ranges(ColumnShape shape, String name) {
        boolean multirange = name.endsWith("multirange");
        String of = name.replaceFirst("(multi)?range$", "");
        String subtype = switch (of) {
            case "int4" -> "integer";
            case "int8" -> "bigint";
            case "num" -> "numeric";
            case "date" -> "date";
            case "ts" -> "timestamp without time zone";
            default -> "timestamp with time zone";
        };
        List<OrdinalType> candidates = ordinals(shape.withBounds(List.of()), TypeName.parse(subtype));
        int bytes = of.equals("int4") || of.equals("date") ? 4 : 8;
        return Ranges.of(shape, candidates, multirange, bytes, seed);
    }

    private Domain array(ColumnShape shape, TypeName type) {
        if (!shape.known().isEmpty()) {
            throw unmade(shape);
        }
        String element = shape.type().strip().replaceFirst("(\\[\\])+$", "");
        ColumnShape.Elements known = shape.elements();
        return ArrayDomain.of(
                shape,
                elementBytes(type.name()),
                (distinct, width) -> {
                    ColumnShape one = ColumnShape.of(shape.column(), element, distinct)
                            .withAverageWidth(width)
                            .withFractionDigits(shape.fractionDigits())
                            .withKnown(known == null ? List.of() : known.values());
                    Domain values = of(one);
                    return plainInArrays(type.name()) && one.known().isEmpty() ? values : new EscapedElements(values);
                },
                seed);
    }

    private static boolean plainInArrays(String type) {
        return Stream.of("bytea", "json", "range").noneMatch(type::contains);
    }

    /** What an element takes, with what aligns it; 0 when that depends on the value. */
    private static int elementBytes(String type) {
        return switch (type) {
            case "boolean", "\"char\"" -> 1;
            case "smallint" -> 2;
            case "integer", "real", "oid", "date" -> 4;
            case "bigint",
                    "double precision",
                    "money",
                    "pg_lsn",
                    "timestamp without time zone",
                    "timestamp with time zone",
                    "time without time zone" -> 8;
            case "uuid", "interval", "time with time zone", "point" -> 16;
            case "macaddr", "macaddr8" -> 8;
            default -> 0;
        };
    }
}
