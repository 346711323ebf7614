package dev.pgrehearse.values;

/** Another domain's values, so written that they can stand between quotes in the text form of an array. */
record EscapedElements(Domain values) implements Domain {
    @Override
    public long size() {
        return values.size();
    }

    @Override
    public String textAt(long index) {
        return String.valueOf(values.textAt(index)).replace("\\", "\\\\").replace("\"", "\\\"");
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        out.escaped(textAt(index));
    }
}
