package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;

/** Rows as text: of every type, and parsed by the server. */
record TextRows(TablePlan table) implements RowFormat {
    private static final byte[] NOTHING = {};

    @Override
    public String options() {
        return "format text, encoding 'UTF8'";
    }

    @Override
    public byte[] header() {
        return NOTHING.clone();
    }

    @Override
    public byte[] trailer() {
        return NOTHING.clone();
    }

    @Override
    public void copyRow(CopyBuffer out, long row) {
        table.copyRow(out, row);
    }
}
