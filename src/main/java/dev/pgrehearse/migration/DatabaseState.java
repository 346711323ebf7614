package dev.pgrehearse.migration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What became of each statement of a migration, and how to say it. Not thread-safe. */
final class DatabaseState {
    /** What became of one statement. */
    enum Fate {
        NOT_RUN("was not run", "were not run"),
        /** Executed in a transaction that is still open. */
        IN_TRANSACTION("is in an open transaction", "are in an open transaction"),
        COMMITTED("is committed", "are committed"),
        PREPARED(
                "is in a prepared transaction, neither committed nor rolled back",
                "are in a prepared transaction, neither committed nor rolled back"),
        ROLLED_BACK("was rolled back", "were rolled back"),
        ROLLED_BACK_BY_SCRIPT("was rolled back by the script itself", "were rolled back by the script itself"),
        FAILED("failed and was rolled back", "failed and were rolled back"),
        FAILED_PARTLY("failed; what it had committed by itself stays", "failed; what they had committed stays"),
        CANCELLED("was cancelled and rolled back", "were cancelled and rolled back"),
        CANCELLED_PARTLY(
                "was cancelled; what it had committed by itself stays",
                "were cancelled; what they had committed stays"),
        UNKNOWN(
                "may or may not be committed: the connection was lost before the server's answer",
                "may or may not be committed: the connection was lost before the server's answer to the COMMIT");

        private final String ofOne;
        private final String ofSeveral;

        Fate(String ofOne, String ofSeveral) {
            this.ofOne = ofOne;
            this.ofSeveral = ofSeveral;
        }
    }

    private final List<SqlStatement> statements;
    private final Fate[] fates;
    /** The position of the first statement that positions count from. */
    private final int from;

    private final int to;

    DatabaseState(List<SqlStatement> statements) {
        this(statements, new Fate[statements.size()], 0, statements.size());
        Arrays.fill(fates, Fate.NOT_RUN);
    }

    private DatabaseState(List<SqlStatement> statements, Fate[] fates, int from, int to) {
        this.statements = statements;
        this.fates = fates;
        this.from = from;
        this.to = to;
    }

    /** A view of so many statements from a position on, whose positions count from there. */
    DatabaseState of(int first, int count) {
        return new DatabaseState(statements, fates, from + first, from + first + count);
    }

    /** The statement at {@code position} (from 0) came to this. */
    void set(int position, Fate fate) {
        fates[from + position] = fate;
    }

    /** Whatever was in the open transaction came to this. */
    void closeTransaction(Fate fate) {
        for (int position = from; position < to; position++) {
            if (fates[position] == Fate.IN_TRANSACTION) {
                fates[position] = fate;
            }
        }
    }

    /** Of all statements, in words: {@code statements 1-2 are committed; statement 3 (add.sql:4) failed and was rolled back}. */
    String inWords() {
        if (fates.length == 0) {
            return "the migration has no statements";
        }
        List<String> parts = new ArrayList<>();
        int first = 0;
        while (first < fates.length) {
            int last = first;
            while (last + 1 < fates.length && fates[last + 1] == fates[first]) {
                last++;
            }
            parts.add(part(first, last));
            first = last + 1;
        }
        return String.join("; ", parts);
    }

    private String part(int first, int last) {
        Fate fate = fates[first];
        if (first == last) {
            SqlStatement only = statements.get(first);
            return "statement " + only.index() + " (" + only.place() + ") " + fate.ofOne;
        }
        String range = fates.length == last - first + 1
                ? "all " + fates.length + " statements"
                : "statements " + statements.get(first).index() + "-"
                        + statements.get(last).index();
        return range + " " + fate.ofSeveral;
    }
}
