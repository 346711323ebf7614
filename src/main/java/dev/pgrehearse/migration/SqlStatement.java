package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.Place;

/**
 * One statement of a migration. Immutable.
 *
 * @param index its number in the migration, from 1
 * @param file the script's name
 * @param line the line of its first keyword there, from 1; comments before it do not count
 * @param column the column of its first keyword, from 1, in characters
 * @param sql its text, exactly as it goes to the server: what psql would send, comments and semicolon included
 */
public record SqlStatement(int index, String file, int line, int column, String sql) {
    /** Where it is, as compilers write it: {@code add.sql:4}. */
    public String place() {
        return file + ":" + line;
    }

    /**
     * Where in the script a character of the statement is.
     *
     * @param position the character as the server counts it: code points from 1; one behind the last is allowed
     * @return such as {@code add.sql:4:12}
     */
    public String placeOf(int position) {
        Place place = placeAt(position);
        return file + ":" + place.line() + ":" + place.column();
    }

    /** The place in the script of a character that the server counts: code points from 1. */
    Place placeAt(int position) {
        int offset = Place.offsetOf(sql, position);
        int keyword = StatementWords.start(sql);
        if (offset >= keyword) {
            return new Place(line, column).after(sql, keyword, offset);
        }
        // In the comments before the first keyword: as many lines above it as there are line feeds in between.
        Place ofKeyword = Place.of(sql, keyword);
        Place ofOffset = Place.of(sql, offset);
        int lineThere = line - (ofKeyword.line() - ofOffset.line());
        int shift = ofOffset.line() == 1 && ofKeyword.line() == 1 ? column - ofKeyword.column() : 0;
        return new Place(lineThere, ofOffset.column() + shift);
    }

    SqlStatement withIndex(int newIndex) {
        return new SqlStatement(newIndex, file, line, column, sql);
    }
}
