package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.Place;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a migration, ready to be run. Immutable. */
public sealed interface Step {
    /** How long after its start it is stopped; null for never. */
    @Nullable
    Duration stopAfter();

    /** What it runs, as far as it is known beforehand; empty when it runs nothing. */
    List<SqlStatement> statements();

    /** Statements as psql would run them. */
    record Script(List<SqlStatement> statements, @Nullable Duration stopAfter) implements Step {
        public Script {
            statements = List.copyOf(statements);
        }
    }

    /** Nothing is run for so long. */
    record Rest(Duration length) implements Step {
        @Override
        public @Nullable Duration stopAfter() {
            return null;
        }

        @Override
        public List<SqlStatement> statements() {
            return List.of();
        }
    }

    /**
     * Rows changed in batches, each in a transaction of its own.
     *
     * @param index its number among the migration's statements: all batches together are one
     * @param file where it was written
     * @param place the place there
     * @param sql what a batch runs
     * @param pause after each batch
     */
    record Backfill(
            int index,
            String file,
            Place place,
            BackfillSql sql,
            Duration pause,
            @Nullable Duration stopAfter) implements Step {
        /** One that stands for all batches, without a key: that is read when it is run. */
        @Override
        public List<SqlStatement> statements() {
            return List.of(statement("UPDATE " + sql.table() + " SET " + sql.set()));
        }

        SqlStatement statement(String text) {
            return new SqlStatement(index, file, place.line(), place.column(), text);
        }
    }
}
