package dev.pgrehearse.dataset;

/**
 * How long values that are kept out of line are, by the pages that they take.
 *
 * <p>A value is cut into chunks of {@code TOAST_MAX_CHUNK_SIZE} bytes, each a row of the TOAST table, which go on the last
 * page as long as they fit (source: {@code heaptoast.h}, {@code toast_internals.c}): so a value of 4 800 bytes takes two
 * thirds of a page, and one of 5 300 three quarters.
 */
final class ToastWidth {
    private static final int CHUNK = 1996;
    /** Tuple header, chunk_id, chunk_seq, the header of chunk_data. */
    private static final int BEFORE_DATA = 24 + 4 + 4 + 4;

    private static final int ALIGNMENT = 8;
    private static final int LINE_POINTER = 4;
    private static final int PAGE = 8192 - 24;
    private static final int PACKED_VALUES = 60;
    private static final int LONGEST = 64 << 20;

    private ToastWidth() {}

    /** The length, in bytes as they are stored, of as many values as take these pages; 0 when they take next to none. */
    static long of(double pages, double values) {
        double wanted = pages / Math.max(1, values);
        long low = 0;
        long high = LONGEST;
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            if (pagesOfOne(middle) <= wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Pages that a value takes on average, when many are packed one after the other. */
    private static double pagesOfOne(long length) {
        if (length > (long) CHUNK * PACKED_VALUES) {
            return (double) length / (CHUNK * 4);
        }
        long pages = 1;
        int used = 0;
        for (int value = 0; value < PACKED_VALUES; value++) {
            for (long left = length; left > 0; left -= CHUNK) {
                int tuple = BEFORE_DATA + (int) Math.min(CHUNK, left);
                int taken = (tuple + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + LINE_POINTER;
                if (used + taken > PAGE) {
                    pages++;
                    used = 0;
                }
                used += taken;
            }
        }
        return (pages - 1 + (double) used / PAGE) / PACKED_VALUES;
    }
}
