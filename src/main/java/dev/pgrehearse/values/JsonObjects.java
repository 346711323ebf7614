package dev.pgrehearse.values;

/**
 * Values of {@code jsonb}, all of one form, so that they ascend with the number in them: a bare number, {@code {"id":
 * 1}} or {@code {"id": 1, "data": "…"}}, whichever comes nearest to the width. Immutable.
 *
 * <p>Widths are those of the stored form: {@code src/include/utils/jsonb.h} and {@code numeric.c} of PostgreSQL 18.
 */
final class JsonObjects implements PlainDomain {
    /** Of a container: its header and an entry for each key and each value. */
    private static final int CONTAINER = 4;

    private static final int ENTRY = 4;
    /** Of a number: its own header of four bytes and that of numeric, two; then two bytes for every four digits. */
    private static final int NUMBER = 6;

    private static final int BARE = CONTAINER + ENTRY;
    /** Keys first, padded so that the number is aligned to four bytes. */
    private static final int WITH_ID = CONTAINER + 2 * ENTRY + 4;

    private static final int WITH_DATA = CONTAINER + 4 * ENTRY + 8;

    private final long size;
    private final int around;
    /** Groups of four digits behind those of the number, where it alone makes up the width. */
    private final int moreGroups;

    private final Lengths lengths;
    private final Padding padding;
    private final RowRandom random;

    JsonObjects(ColumnShape shape, Dictionaries dictionaries, long seed) {
        this.size = shape.distinct();
        // Of two thirds of the size, since more of the numbers are long than short.
        int number = NUMBER + numberBytes(size - size / 3);
        double wanted = shape.averageWidth() == 0 ? 80 : Bits.dataOf(shape.averageWidth());
        this.around = wanted < WITH_ID + number ? BARE : wanted < WITH_DATA + number + 2 ? WITH_ID : WITH_DATA;
        this.moreGroups = around == WITH_DATA ? 0 : Math.max(0, (int) Math.round((wanted - around - number) / 2.0));
        this.lengths = Lengths.of(
                shape.lengths(),
                shape.averageWidth() == 0 ? 80 : shape.averageWidth(),
                new int[] {around + number},
                Integer.MAX_VALUE);
        this.padding = Padding.prose(dictionaries);
        this.random = new RowRandom(seed, "jsonb", shape.column());
    }

    /** Of the digits: zeros in front of and behind whole groups of four are not stored. */
    private static int numberBytes(long number) {
        long rest = number;
        while (rest != 0 && rest % 10_000 == 0) {
            rest /= 10_000;
        }
        int bytes = 0;
        for (; rest != 0; rest /= 10_000) {
            bytes += 2;
        }
        return bytes;
    }

    @Override
    public long size() {
        return size;
    }

    private void number(CopyBuffer out, long number) {
        out.number(number);
        for (int group = 0; group < moreGroups; group++) {
            // Not zeros, which would not be stored.
            out.digits(1, 4);
        }
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        long number = index + 1;
        if (around == BARE) {
            number(out, number);
            return;
        }
        out.escaped("{\"id\": ");
        number(out, number);
        if (around == WITH_DATA) {
            long bits = random.bits(index);
            out.escaped(", \"data\": \"");
            padding.write(out, bits, Math.max(0, lengths.at(bits) - around - NUMBER - numberBytes(number)));
            out.ascii('"');
        }
        out.ascii('}');
    }
}
