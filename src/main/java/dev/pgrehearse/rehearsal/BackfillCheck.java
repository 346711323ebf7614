package dev.pgrehearse.rehearsal;

import dev.pgrehearse.migration.BackfillSql;
import dev.pgrehearse.migration.PrimaryKey;
import dev.pgrehearse.migration.ScriptChecker;
import dev.pgrehearse.migration.ScriptMistake;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.scenario.StepSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether a migration's back-fills can run: the table has a primary key, and the server's grammar takes {@code set} and
 * {@code where}. Whether their columns exist shows when they run, since a step before may make them.
 */
final class BackfillCheck {
    private final ConnectionDetails app;
    private final Rehearsal rehearsal;
    private final Consumer<String> mistakes;

    BackfillCheck(ConnectionDetails app, Rehearsal rehearsal, Consumer<String> mistakes) {
        this.app = app;
        this.rehearsal = rehearsal;
        this.mistakes = mistakes;
    }

    /**
     * Checks all of them.
     *
     * @param schema whether the database has the scenario's schema; without, its tables are not looked for
     */
    void check(boolean schema) throws SQLException {
        List<StepSpec> steps = rehearsal.variant().migration().steps();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof StepSpec.Backfill backfill) {
                boolean mayBeMade = steps.subList(0, i).stream().anyMatch(StepSpec.Scripts.class::isInstance);
                if (schema) {
                    checkTable(backfill, i, mayBeMade);
                }
                BackfillSql sql = BackfillSql.of(backfill);
                checkPiece(sql.setAlone(), backfill.set(), i, "set");
                String where = backfill.where();
                if (where != null) {
                    checkPiece(sql.whereAlone(), where, i, "where");
                }
            }
        }
    }

    private void checkTable(StepSpec.Backfill backfill, int step, boolean mayBeMade) throws SQLException {
        try (Connection connection = app.open("pgrehearse check")) {
            Optional<PrimaryKey> key = PrimaryKey.of(connection, Quoted.table(backfill.table()));
            if (key.isEmpty() && !mayBeMade) {
                mistakes.accept(place(step, "table") + "\n  the table `" + backfill.table()
                        + "` does not exist; expected: a table of the schema, or one that a step before makes");
            } else if (key.isPresent() && key.get().columns().isEmpty()) {
                mistakes.accept(place(step, "table") + "\n  the table `" + backfill.table()
                        + "` has no primary key; expected: a table with one, by which the batches find their rows");
            }
        }
    }

    /**
     * One piece of the user's.
     *
     * @param sql with the piece from its second line on
     */
    private void checkPiece(String sql, String piece, int step, String key) throws SQLException {
        List<ScriptMistake> found = ScriptChecker.mistakes(app, List.of(new SqlStatement(1, key, 1, 1, sql)));
        for (ScriptMistake mistake : found) {
            StringBuilder text = new StringBuilder(place(step, key)).append('\n');
            RefusedSql.appendSpot(text, piece, offset(piece, mistake.line() - 1, mistake.column()));
            mistakes.accept(
                    text.append("  the server says: ").append(mistake.what()).toString());
        }
    }

    /** The offset of a place in the piece; its end for one behind it. */
    private static int offset(String piece, int line, int column) {
        int start = 0;
        for (int here = 1; here < line; here++) {
            int end = piece.indexOf('\n', start);
            if (end < 0) {
                return piece.length();
            }
            start = end + 1;
        }
        int characters = piece.codePointCount(start, piece.length());
        return piece.offsetByCodePoints(start, Math.min(column - 1, characters));
    }

    private String place(int step, String key) {
        List<String> path = new ArrayList<>(List.of(
                "migration", "variants", rehearsal.variant().name(), "steps", Integer.toString(step), "backfill", key));
        return rehearsal.scenario().places().of(rehearsal.variant().name(), path);
    }
}
