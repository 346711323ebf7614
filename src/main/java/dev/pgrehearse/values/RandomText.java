package dev.pgrehearse.values;

import dev.pgrehearse.scenario.ValueSpec;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Letters with spaces between, never at the ends, in a length drawn from a distribution.
 *
 * <p>The letters are random, so the text hardly compresses: TOAST stores it larger than it would prose.
 */
record RandomText(RowRandom random, ValueSpec.Text spec) implements ValueGenerator {
    /** 64, so that six bits choose one: twice the alphabet and twelve spaces, about as many as prose has. */
    private static final byte[] ALPHABET =
            ("abcdefghijklmnopqrstuvwxyz".repeat(2) + " ".repeat(12)).getBytes(StandardCharsets.US_ASCII);

    private static final int LETTERS = 26;
    private static final int BITS_PER_CHARACTER = 6;
    private static final int CHARACTERS_PER_DRAW = Long.SIZE / BITS_PER_CHARACTER;
    private static final short[] PAIRS = pairs();
    private static final VarHandle PAIR = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    /** Draws from here on make the letters; those before make the length. */
    private static final long FIRST_LETTERS = 16;

    RandomText {
        if (spec.minimumLength() < 0 || spec.maximumLength() < spec.minimumLength()) {
            throw new IllegalArgumentException("text of " + spec.minimumLength() + " to " + spec.maximumLength()
                    + " characters; the lengths are 0 or above and ascend");
        }
    }

    @Override
    public String textAt(long row) {
        CopyBuffer text = new CopyBuffer(Math.min(spec.maximumLength(), 1024));
        copyTo(text, row);
        return text.asciiText();
    }

    @Override
    public void copyTo(CopyBuffer out, long row) {
        long bits = random.bits(row);
        int length = length(bits);
        if (length == 0) {
            return;
        }
        byte[] bytes = out.room(length + CHARACTERS_PER_DRAW);
        int start = out.length();
        int end = start + length;
        long draw = FIRST_LETTERS;
        // Whole draws, the last beyond the end if need be: what is too much is not counted.
        for (int place = start; place < end; place += CHARACTERS_PER_DRAW) {
            long letters = RowRandom.further(bits, draw++);
            for (int pair = 0; pair < CHARACTERS_PER_DRAW; pair += 2) {
                int twelve = (int) (letters >>> (BITS_PER_CHARACTER * pair)) & (PAIRS.length - 1);
                PAIR.set(bytes, place + pair, PAIRS[twelve]);
            }
        }
        noSpaceAt(bytes, start, 0, bits);
        noSpaceAt(bytes, start, length - 1, bits);
        out.wrote(length);
    }

    private static void noSpaceAt(byte[] bytes, int start, int place, long bits) {
        if (bytes[start + place] == ' ') {
            long letters = RowRandom.further(bits, FIRST_LETTERS + place / CHARACTERS_PER_DRAW)
                    >>> (BITS_PER_CHARACTER * (place % CHARACTERS_PER_DRAW));
            bytes[start + place] = (byte) ('a' + Math.floorMod(letters, LETTERS));
        }
    }

    /** Two characters by their twelve bits, the first one in the lower byte. */
    private static short[] pairs() {
        short[] pairs = new short[ALPHABET.length * ALPHABET.length];
        for (int bits = 0; bits < pairs.length; bits++) {
            int first = ALPHABET[bits & ALPHABET.length - 1];
            int second = ALPHABET[bits >>> BITS_PER_CHARACTER];
            pairs[bits] = (short) (first | second << Byte.SIZE);
        }
        return pairs;
    }

    private int length(long bits) {
        int shortest = spec.minimumLength();
        int span = spec.maximumLength() - shortest;
        if (span == 0) {
            return shortest;
        }
        return switch (spec.distribution()) {
            case UNIFORM -> shortest + (int) RowRandom.below(RowRandom.further(bits, 1), span + 1L);
            case NORMAL -> shortest + normal(bits, span);
            case SHORT -> shortest + exponential(bits, span);
        };
    }

    /** Cut at the ends by drawing again: at three standard deviations, one in 370 draws. */
    private static int normal(long bits, int span) {
        for (long draw = 1; ; draw += 2) {
            // Box and Muller (1958); 1 - unit, since the logarithm of 0 is no number.
            double radius = Math.sqrt(-2 * Math.log(1 - RowRandom.unit(RowRandom.further(bits, draw))));
            double angle = 2 * Math.PI * RowRandom.unit(RowRandom.further(bits, draw + 1));
            double length = span / 2.0 + span / 6.0 * radius * Math.cos(angle);
            if (length > -0.5 && length < span + 0.5) {
                return (int) Math.round(length);
            }
            if (draw + 3 >= FIRST_LETTERS) {
                // Seven misses in a row: less than once in 10^18 rows.
                return span / 2;
            }
        }
    }

    /** The inverse of the distribution function of an exponential cut off at the maximum. */
    private static int exponential(long bits, int span) {
        double mean = span / 5.0;
        double whole = -Math.expm1(-(span + 1) / mean);
        double length = -mean * Math.log1p(-RowRandom.unit(RowRandom.further(bits, 1)) * whole);
        return Math.min(span, (int) length);
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long row, BinaryType type) {
        if (type != BinaryType.TEXT) {
            return ValueGenerator.super.copyBinaryTo(out, row, type);
        }
        int start = out.length();
        out.skip(Integer.BYTES);
        copyTo(out, row);
        out.int32At(start, out.length() - start - Integer.BYTES);
        return true;
    }
}
