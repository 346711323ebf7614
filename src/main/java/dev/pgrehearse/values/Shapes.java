package dev.pgrehearse.values;

/**
 * Values of the geometric types, which have no order: the first coordinate is the index. Paths and polygons have as
 * many points as their width has room for.
 */
record Shapes(long size, String type, int points) implements PlainDomain {
    /** Of a path: header, number of points, whether it is closed, and nothing; of a polygon a box instead of the last two. */
    private static final int PATH = 12;

    private static final int POLYGON = 36;
    private static final int POINT = 16;

    static Shapes of(ColumnShape shape, String type) {
        int points = 2;
        if (type.equals("path") || type.equals("polygon")) {
            double data = Bits.dataOf(shape.averageWidth()) - (type.equals("path") ? PATH : POLYGON);
            points = Math.max(1, (int) Math.round(data / POINT));
        }
        return new Shapes(shape.distinct(), type, points);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        switch (type) {
            case "point" -> point(out, index, 0);
            case "circle" -> {
                out.ascii('<');
                point(out, index, 0);
                out.escaped(",1>");
            }
            case "line" -> {
                out.escaped("{1,-1,");
                out.number(index);
                out.ascii('}');
            }
            case "box" -> {
                // The upper right corner first, as it is stored.
                point(out, index, 1);
                out.ascii(',');
                point(out, index, 0);
            }
            default -> {
                out.ascii(type.equals("polygon") ? '(' : '[');
                for (int point = 0; point < points; point++) {
                    if (point > 0) {
                        out.ascii(',');
                    }
                    point(out, index, point);
                }
                out.ascii(type.equals("polygon") ? ')' : ']');
            }
        }
    }

    private static void point(CopyBuffer out, long index, int place) {
        out.ascii('(');
        out.number(index + place);
        out.ascii(',');
        out.number((index + (long) place * place) % 180);
        out.ascii(')');
    }
}
