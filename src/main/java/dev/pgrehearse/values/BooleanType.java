package dev.pgrehearse.values;

/** False and true. */
record BooleanType() implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        return switch (text) {
            case "f", "false" -> 0;
            case "t", "true" -> 1;
            default -> throw OrdinalType.unreadable(text, "boolean");
        };
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        out.ascii(ordinal == 0 ? 'f' : 't');
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return 1;
    }

    @Override
    public long usualStart() {
        return 0;
    }

    @Override
    public long usualSpan(long distinct) {
        return 1;
    }
}
