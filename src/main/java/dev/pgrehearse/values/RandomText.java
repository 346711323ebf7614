package dev.pgrehearse.values;

import dev.pgrehearse.scenario.ValueSpec;
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
        long letters = 0;
        for (int place = 0; place < length; place++) {
            if (place % CHARACTERS_PER_DRAW == 0) {
                letters = RowRandom.further(bits, FIRST_LETTERS + place / CHARACTERS_PER_DRAW);
            }
            byte character = ALPHABET[(int) (letters & ALPHABET.length - 1)];
            if (character == ' ' && (place == 0 || place == length - 1)) {
                character = (byte) ('a' + Math.floorMod(letters, LETTERS));
            }
            out.ascii(character);
            letters >>>= BITS_PER_CHARACTER;
        }
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
}
