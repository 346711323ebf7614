package dev.pgrehearse.migration;

/**
 * What a statement is, as far as transactions are concerned; told from its leading keywords alone.
 *
 * <p>Source: PostgreSQL 15 to 18 documentation and {@code PreventInTransactionBlock} / {@code PlannedStmtRequiresSnapshot}
 * in its sources. A statement that is not known for certain is {@link #OTHER}, which is never wrapped.
 */
public enum StatementKind {
    /** {@code BEGIN}, {@code START TRANSACTION}. */
    BEGIN,
    /** {@code COMMIT}, {@code END}. */
    COMMIT,
    /** {@code COMMIT AND CHAIN}: the next transaction begins at once. */
    COMMIT_AND_CHAIN,
    /** {@code ROLLBACK}, {@code ABORT} of the whole transaction. */
    ROLLBACK,
    /** {@code ROLLBACK AND CHAIN}: the next transaction begins at once. */
    ROLLBACK_AND_CHAIN,
    /** {@code PREPARE TRANSACTION}. */
    PREPARE_TRANSACTION,
    /** {@code SAVEPOINT}, {@code RELEASE}, {@code ROLLBACK TO}. */
    SAVEPOINT,
    /** {@code SET}, {@code RESET}, {@code SHOW}, {@code LISTEN} and others that take no snapshot and no lock. */
    SETTING,
    /** {@code LOCK TABLE}: locks, and takes no snapshot. */
    LOCK,
    /** One change of the schema, known to be allowed in a transaction and to do the same there as alone. */
    DDL,
    /** Like {@link #DDL} unless its target is partitioned: {@code REINDEX TABLE}, {@code REINDEX INDEX}, {@code CLUSTER t}. */
    DDL_UNLESS_PARTITIONED,
    /** Commits by itself, so it fails in a transaction: {@code … CONCURRENTLY}, {@code VACUUM}, {@code CREATE DATABASE}, … */
    SELF_COMMITTING,
    /** {@code DO}, {@code CALL}: may commit by itself. */
    PROCEDURE,
    /** Anything else: queries, DML, statements that this tool does not know. */
    OTHER;

    /** What {@code sql} is; comments before and in it do not matter. */
    public static StatementKind of(String sql) {
        return of(StatementWords.of(sql));
    }

    static StatementKind of(StatementWords words) {
        return switch (words.at(0)) {
            case "BEGIN", "START" -> BEGIN;
            case "COMMIT" ->
                words.at(1).equals("PREPARED") ? SELF_COMMITTING : chained(words, COMMIT, COMMIT_AND_CHAIN);
            case "END" -> chained(words, COMMIT, COMMIT_AND_CHAIN);
            case "ABORT" -> chained(words, ROLLBACK, ROLLBACK_AND_CHAIN);
            case "ROLLBACK" -> rollback(words);
            case "PREPARE" -> words.at(1).equals("TRANSACTION") ? PREPARE_TRANSACTION : OTHER;
            case "SAVEPOINT", "RELEASE" -> SAVEPOINT;
            case "SET", "RESET", "SHOW", "LISTEN", "UNLISTEN", "NOTIFY", "FETCH", "MOVE", "CHECKPOINT" -> SETTING;
            case "LOCK" -> LOCK;
            case "DO", "CALL" -> PROCEDURE;
            case "VACUUM" -> SELF_COMMITTING;
            case "TRUNCATE" -> DDL;
            case "COMMENT" ->
                words.isOneOf(2, "TABLE", "COLUMN", "INDEX", "VIEW", "CONSTRAINT", "TRIGGER", "SEQUENCE")
                                || words.hasAt(1, "ON", "MATERIALIZED", "VIEW")
                        ? DDL
                        : OTHER;
            case "REFRESH" -> DDL;
            case "CREATE" -> create(words);
            case "DROP" -> drop(words);
            case "ALTER" -> alter(words);
            case "REINDEX" -> reindex(words);
            case "CLUSTER" -> PartitionTarget.of(words).isEmpty() ? SELF_COMMITTING : DDL_UNLESS_PARTITIONED;
            default -> OTHER;
        };
    }

    /** Whether it commits by itself or may do so: its failure can leave something behind. */
    public boolean mayCommitByItself() {
        return this == SELF_COMMITTING || this == PROCEDURE;
    }

    /**
     * Whether the server takes the transaction's snapshot for it. Before one is taken, a query of ours would take it too
     * early, and would make a later {@code SET TRANSACTION} fail.
     */
    boolean takesSnapshot() {
        return switch (this) {
            case DDL, DDL_UNLESS_PARTITIONED, SELF_COMMITTING, PROCEDURE, OTHER -> true;
            default -> false;
        };
    }

    boolean isSchemaChange() {
        return this == DDL || this == DDL_UNLESS_PARTITIONED || this == SELF_COMMITTING;
    }

    boolean endsTransaction() {
        return switch (this) {
            case COMMIT, COMMIT_AND_CHAIN, ROLLBACK, ROLLBACK_AND_CHAIN, PREPARE_TRANSACTION -> true;
            default -> false;
        };
    }

    private static StatementKind chained(StatementWords words, StatementKind plain, StatementKind andChain) {
        return words.contain("AND", "CHAIN") ? andChain : plain;
    }

    private static StatementKind rollback(StatementWords words) {
        if (words.at(1).equals("PREPARED")) {
            return SELF_COMMITTING;
        }
        int index = words.isOneOf(1, "WORK", "TRANSACTION") ? 2 : 1;
        return words.at(index).equals("TO") ? SAVEPOINT : chained(words, ROLLBACK, ROLLBACK_AND_CHAIN);
    }

    private static StatementKind create(StatementWords words) {
        int index = words.hasAt(1, "OR", "REPLACE") ? 3 : 1;
        while (words.isOneOf(
                index, "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "RECURSIVE", "CONSTRAINT")) {
            index++;
        }
        return switch (words.at(index)) {
            case "INDEX" -> words.at(index + 1).equals("CONCURRENTLY") ? SELF_COMMITTING : DDL;
            case "TABLE", "VIEW", "TRIGGER", "SEQUENCE", "TYPE", "DOMAIN", "SCHEMA", "POLICY", "RULE" -> DDL;
            case "STATISTICS", "FUNCTION", "PROCEDURE" -> DDL;
            case "MATERIALIZED" -> DDL;
            case "DATABASE", "TABLESPACE" -> SELF_COMMITTING;
            default -> OTHER;
        };
    }

    private static StatementKind drop(StatementWords words) {
        return switch (words.at(1)) {
            case "INDEX" -> words.at(2).equals("CONCURRENTLY") ? SELF_COMMITTING : DDL;
            case "TABLE", "VIEW", "TRIGGER", "SEQUENCE", "TYPE", "DOMAIN", "SCHEMA", "POLICY", "RULE" -> DDL;
            case "STATISTICS", "FUNCTION", "PROCEDURE", "ROUTINE" -> DDL;
            case "MATERIALIZED" -> DDL;
            case "DATABASE", "TABLESPACE" -> SELF_COMMITTING;
            default -> OTHER;
        };
    }

    private static StatementKind alter(StatementWords words) {
        return switch (words.at(1)) {
            // CONCURRENTLY is a reserved word: unquoted it is no column
            case "TABLE" -> words.contain("CONCURRENTLY") ? SELF_COMMITTING : DDL;
            case "INDEX", "VIEW", "TRIGGER", "SEQUENCE", "DOMAIN", "SCHEMA", "POLICY", "RULE" -> DDL;
            case "STATISTICS", "FUNCTION", "PROCEDURE", "ROUTINE", "MATERIALIZED" -> DDL;
            // A new value cannot be used in the transaction that adds it, so nothing is put around it
            case "TYPE" -> words.contain("ADD", "VALUE") ? OTHER : DDL;
            case "SYSTEM" -> SELF_COMMITTING;
            case "DATABASE" -> words.contain("SET", "TABLESPACE") ? SELF_COMMITTING : OTHER;
            default -> OTHER;
        };
    }

    private static StatementKind reindex(StatementWords words) {
        int index = words.afterParentheses(1);
        boolean concurrently = words.contain("CONCURRENTLY");
        if (concurrently || words.isOneOf(index, "SCHEMA", "DATABASE", "SYSTEM")) {
            return SELF_COMMITTING;
        }
        return PartitionTarget.of(words).isEmpty() ? OTHER : DDL_UNLESS_PARTITIONED;
    }
}
