package dev.pgrehearse.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementKindTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "BEGIN; | BEGIN",
                "/* c; */ /* d */ start transaction isolation level serializable | BEGIN",
                "COMMIT | COMMIT",
                "END WORK; | COMMIT",
                "COMMIT AND CHAIN; | COMMIT_AND_CHAIN",
                "ROLLBACK TRANSACTION AND CHAIN | ROLLBACK_AND_CHAIN",
                "ABORT | ROLLBACK",
                "ROLLBACK WORK TO SAVEPOINT s | SAVEPOINT",
                "ROLLBACK TO s | SAVEPOINT",
                "RELEASE s | SAVEPOINT",
                "COMMIT PREPARED 'x' | SELF_COMMITTING",
                "PREPARE TRANSACTION 'x' | PREPARE_TRANSACTION",
                "PREPARE q AS SELECT 1 | OTHER",
                "SET lock_timeout = '2s' | SETTING",
                "LOCK TABLE t | LOCK",
                "ALTER TABLE t ADD COLUMN c int | DDL",
                "ALTER TABLE t ADD COLUMN \"CONCURRENTLY\" int | DDL",
                "ALTER TABLE t DETACH PARTITION p CONCURRENTLY | SELF_COMMITTING",
                "ALTER TABLE t DETACH PARTITION p | DDL",
                "ALTER TYPE e ADD VALUE 'x' | OTHER",
                "ALTER TYPE e RENAME TO f | DDL",
                "ALTER SYSTEM SET x = 1 | SELF_COMMITTING",
                "ALTER ROLE r SET x = 1 | OTHER",
                "CREATE UNIQUE INDEX i ON t (a) | DDL",
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a) | SELF_COMMITTING",
                "CREATE INDEX i ON t ((concurrently)) | DDL",
                "DROP INDEX CONCURRENTLY i | SELF_COMMITTING",
                "DROP INDEX i | DDL",
                "CREATE TABLE t (a int) | DDL",
                "CREATE UNLOGGED TABLE t (a int) | DDL",
                "CREATE OR REPLACE VIEW v AS SELECT 1 | DDL",
                "CREATE MATERIALIZED VIEW v AS SELECT 1 | DDL",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v | DDL",
                "CREATE DATABASE d | SELF_COMMITTING",
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p | OTHER",
                "CREATE EXTENSION x | OTHER",
                "DROP DATABASE d | SELF_COMMITTING",
                "TRUNCATE t | DDL",
                "COMMENT ON TABLE t IS 'x' | DDL",
                "VACUUM FULL t | SELF_COMMITTING",
                "REINDEX TABLE t | DDL_UNLESS_PARTITIONED",
                "REINDEX (VERBOSE) INDEX i | DDL_UNLESS_PARTITIONED",
                "REINDEX (CONCURRENTLY true) INDEX i | SELF_COMMITTING",
                "REINDEX INDEX CONCURRENTLY i | SELF_COMMITTING",
                "REINDEX SCHEMA s | SELF_COMMITTING",
                "CLUSTER | SELF_COMMITTING",
                "CLUSTER VERBOSE t USING i | DDL_UNLESS_PARTITIONED",
                "DO $$ BEGIN COMMIT; END $$ | PROCEDURE",
                "CALL p() | PROCEDURE",
                "SELECT 1 | OTHER",
                "UPDATE t SET a = 1 | OTHER",
                "ANALYZE t | OTHER",
                "\"begin\" | OTHER",
            })
    void isToldFromItsKeywords(String sql, StatementKind kind) {
        assertThat(StatementKind.of(sql)).isEqualTo(kind);
    }

    @Test
    void commentsDoNotMatter() {
        assertThat(StatementKind.of("-- VACUUM\n/* COMMIT */ BEGIN -- ;")).isEqualTo(StatementKind.BEGIN);
    }

    @Test
    void theTargetOfReindexAndClusterIsItsNameAsWritten() {
        assertThat(target("REINDEX (VERBOSE) TABLE \"S x\".\"t\"")).isEqualTo("\"S x\".\"t\"");
        assertThat(target("CLUSTER s.t USING i")).isEqualTo("s.t");
        assertThat(target("CLUSTER (VERBOSE) t")).isEqualTo("t");
        assertThat(target("CLUSTER i ON s.t")).isEqualTo("s.t");
        assertThat(target("CLUSTER")).isEmpty();
        assertThat(target("REINDEX DATABASE d")).isEmpty();
    }

    private static String target(String sql) {
        return PartitionTarget.of(StatementWords.of(sql));
    }
}
