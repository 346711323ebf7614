package dev.pgrehearse.estimate;

import java.util.List;
import java.util.Set;

/** What a statement did, as far as its duration is concerned: what it grows by, and what it can run out of. */
public enum Operation {
    /** The catalogue alone: no row was read. */
    CATALOGUE("catalogue only", List.of(List.of(Term.ONE), List.of(Term.ONE, Term.ROWS)), Set.of()),
    /** Reads a table, sorts, and writes an index. */
    INDEX_BUILD(
            "index build",
            List.of(List.of(Term.ONE, Term.ROWS, Term.ROWS_LOG_ROWS), List.of(Term.ONE, Term.ROWS)),
            Set.of(Cliff.Kind.SORT, Cliff.Kind.PARALLEL, Cliff.Kind.SHARED_BUFFERS, Cliff.Kind.MEMORY, Cliff.Kind.WAL)),
    /** The same with a second scan, and waits for whoever holds an old snapshot, which are the workload's. */
    CONCURRENT_BUILD("CONCURRENTLY", INDEX_BUILD.models, INDEX_BUILD.cliffs),
    /** Writes a table anew, and its indexes; and checks foreign keys again whose columns got another type. */
    REWRITE(
            "rewrite",
            List.of(List.of(Term.ONE, Term.ROWS), List.of(Term.ONE, Term.ROWS, Term.ROWS_LOG_ROWS)),
            Set.of(
                    Cliff.Kind.SORT,
                    Cliff.Kind.HASH,
                    Cliff.Kind.PARALLEL,
                    Cliff.Kind.SHARED_BUFFERS,
                    Cliff.Kind.MEMORY,
                    Cliff.Kind.WAL)),
    /** Reads a table from end to end. */
    SCAN("scan", List.of(List.of(Term.ONE, Term.ROWS)), Set.of(Cliff.Kind.SHARED_BUFFERS, Cliff.Kind.MEMORY)),
    /** Joins a table with the one that it refers to. */
    FOREIGN_KEY_CHECK(
            "foreign-key check",
            List.of(List.of(Term.ONE, Term.ROWS), List.of(Term.ONE, Term.ROWS, Term.ROWS_LOG_ROWS)),
            Set.of(Cliff.Kind.HASH, Cliff.Kind.SHARED_BUFFERS, Cliff.Kind.MEMORY)),
    /** Changes rows, and their indexes one entry at a time. */
    BULK_UPDATE(
            "bulk change of rows",
            List.of(List.of(Term.ONE, Term.ROWS), List.of(Term.ONE, Term.ROWS, Term.ROWS_LOG_ROWS)),
            Set.of(Cliff.Kind.SHARED_BUFFERS, Cliff.Kind.MEMORY, Cliff.Kind.WAL, Cliff.Kind.DEPTH)),
    /** Nobody saw what it did: work within DO, a function, or several transactions. */
    UNSEEN("not recognised", List.of(List.of(Term.ONE)), Set.of());

    private final String words;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of alone
    private final List<List<Term>> models;

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.of alone
    private final Set<Cliff.Kind> cliffs;

    Operation(String words, List<List<Term>> models, Set<Cliff.Kind> cliffs) {
        this.words = words;
        this.models = models;
        this.cliffs = cliffs;
    }

    /** In words. */
    public String words() {
        return words;
    }

    /** The models that it has, in the order of what theory says. */
    List<List<Term>> models() {
        return models;
    }

    /** What it can run out of. */
    Set<Cliff.Kind> cliffs() {
        return cliffs;
    }
}
