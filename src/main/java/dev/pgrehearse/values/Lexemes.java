package dev.pgrehearse.values;

/**
 * Values of {@code tsvector} and {@code tsquery}, all of the same size, since that is what PostgreSQL compares first. A
 * tsvector ascends with its first lexeme. A tsquery is compared by checksums, so these are in no order.
 *
 * <p>Widths: {@code src/include/tsearch/ts_type.h} of PostgreSQL 18.
 */
record Lexemes(long size, boolean query, int count, int lastLength, RowRandom random) implements PlainDomain {
    private static final int LETTERS = 7;
    /** An entry, seven letters, one byte to align, and one position with its count. */
    private static final int ENTRY = 4 + LETTERS + 1 + 4;
    /** An operand and the operator behind it, seven letters and an end. */
    private static final int OPERAND = 2 * 12 + LETTERS + 1;

    private static final int MOST = 26 * 26;
    private static final int LONGEST = 60;

    static Lexemes of(ColumnShape shape, boolean query, long seed) {
        double data = shape.averageWidth() == 0 ? 80 : Bits.dataOf(shape.averageWidth());
        double entries = query ? (data - 4 + 12) / OPERAND : (data - 4) / ENTRY;
        int count = Math.max(1, Math.min(MOST, (int) entries));
        int rest = (int) Math.round((entries - count) * (query ? OPERAND : ENTRY));
        return new Lexemes(
                shape.distinct(),
                query,
                count,
                Math.max(LETTERS, Math.min(LONGEST, LETTERS + rest)),
                new RowRandom(seed, "lexemes", shape.column()));
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        long bits = random.bits(index);
        for (int lexeme = 0; lexeme < count; lexeme++) {
            if (lexeme > 0) {
                out.escaped(query ? " & " : " ");
            }
            // A tsvector sorts its lexemes: digits come before letters.
            out.ascii('\'');
            int letters = lexeme == count - 1 ? lastLength : LETTERS;
            if (lexeme == 0) {
                base36(out, index);
            } else {
                out.ascii('a' + lexeme / 26);
                out.ascii('a' + lexeme % 26);
                Padding.LETTERS.write(out, RowRandom.further(bits, lexeme), LETTERS - 2);
            }
            for (int letter = LETTERS; letter < letters; letter++) {
                out.ascii('x');
            }
            out.ascii('\'');
            if (!query) {
                out.ascii(':');
                out.number(lexeme + 1L);
            }
        }
    }

    private static void base36(CopyBuffer out, long number) {
        // 36^7 is more than any column has.
        long power = 36L * 36 * 36 * 36 * 36 * 36;
        for (long rest = number; power > 0; rest %= power, power /= 36) {
            long digit = rest / power;
            out.ascii((int) (digit < 10 ? '0' + digit : 'a' + digit - 10));
            if (power == 1) {
                break;
            }
        }
    }
}
