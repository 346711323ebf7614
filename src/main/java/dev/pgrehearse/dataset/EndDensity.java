package dev.pgrehearse.dataset;

/**
 * How densely dead rows fill the pages behind the live ones, corrected on the way so that in the end there are as many
 * pages as there shall be. Not thread-safe.
 */
final class EndDensity {
    private final long pagesBefore;
    private final long wantedPages;
    private final long wantedRows;
    private final int most;
    private int fillFactor;

    /**
     * @param pagesBefore of the live rows
     * @param wantedPages behind them, as good as reached when 0 or less
     * @param wantedRows that shall be there
     * @param most never denser than the live rows, or their pages' free space would take the dead ones in
     */
    EndDensity(long pagesBefore, long wantedPages, long wantedRows, int most) {
        this.pagesBefore = pagesBefore;
        this.wantedPages = wantedPages;
        this.wantedRows = wantedRows;
        this.most = most;
        this.fillFactor = most;
    }

    int fillFactor() {
        return fillFactor;
    }

    /**
     * After some rows.
     *
     * @return whether the fill factor is another one now
     */
    boolean adapt(long pages, long rows) {
        long used = pages - pagesBefore;
        long rowsLeft = wantedRows - rows;
        long pagesLeft = wantedPages - used;
        if (used < 1 || rowsLeft <= 0) {
            return false;
        }
        // So many rows on a page until now, at this fill factor; so many it has to be from here on.
        double perPage = (double) rows / used;
        double needed = pagesLeft <= 0 ? Double.MAX_VALUE : (double) rowsLeft / pagesLeft;
        double wished = fillFactor * needed / perPage;
        int before = fillFactor;
        fillFactor = (int) Math.max(FillFactor.LEAST, Math.min(most, Math.round(wished)));
        return fillFactor != before;
    }
}
