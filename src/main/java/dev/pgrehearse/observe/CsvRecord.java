package dev.pgrehearse.observe;

import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one record of PostgreSQL's csvlog. Source: documentation, "Using CSV-Format Log Output"; versions add
 * columns at the end only.
 */
final class CsvRecord {
    static final int TIME = 0;
    static final int PID = 3;
    static final int COMMAND = 7;
    static final int SEVERITY = 11;
    static final int SQL_STATE = 12;
    static final int MESSAGE = 13;
    static final int DETAIL = 14;
    static final int CONTEXT = 18;

    private CsvRecord() {}

    /**
     * The fields in order, without their quotes.
     *
     * @throws IllegalArgumentException when there are fewer than the oldest version has
     */
    static List<String> fields(String record) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean withinQuotes = false;
        for (int i = 0; i < record.length(); i++) {
            char c = record.charAt(i);
            if (c == '"' && withinQuotes && i + 1 < record.length() && record.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                withinQuotes = !withinQuotes;
            } else if (c == ',' && !withinQuotes) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        if (withinQuotes || fields.size() <= CONTEXT) {
            throw new IllegalArgumentException("not a record of PostgreSQL's csvlog: " + fields.size() + " fields");
        }
        return fields;
    }
}
