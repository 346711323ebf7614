package dev.pgrehearse.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.SqlErrors;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class SqlErrorLedgerTest {
    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private final SqlErrorLedger ledger = new SqlErrorLedger(RehearsalClock.start(), facts::add);

    /** However many there are and whenever they are written: the counts add up, by kind. */
    @Test
    void nothingIsLost() {
        for (int i = 0; i < 100_000; i++) {
            ledger.met("read", new SQLException("ERROR: duplicate key of row " + i, "23505"));
            ledger.met("write", new SQLException("ERROR: invalid input \"" + i + "\"", "22P02"));
        }
        ledger.close();
        ledger.met("read", new SQLException("after the end", "23505"));
        assertThat(seen()).extracting(Fact.SqlErrorsSeen::operation).containsOnly("read", "write");
        assertThat(count("read")).isEqualTo(100_000);
        assertThat(count("write")).isEqualTo(100_000);
        assertThat(facts).hasSizeLessThan(1_000);
    }

    @Test
    void memoryIsBoundedAndWhatIsTooManyIsCountedTogether() {
        for (int i = 0; i < 1_000; i++) {
            ledger.met("operation " + i, new SQLException("no", "42703"));
        }
        ledger.close();
        assertThat(seen().stream().mapToLong(Fact.SqlErrorsSeen::count).sum()).isEqualTo(1_000);
        Set<String> operations =
                seen().stream().map(Fact.SqlErrorsSeen::operation).collect(Collectors.toSet());
        assertThat(operations).hasSize(SqlErrorLedger.MOST_KINDS + 1).contains("");
        assertThat(count("")).isEqualTo(1_000 - SqlErrorLedger.MOST_KINDS);
    }

    /** Told by the server's function, since its words are translated. */
    @Test
    void aCachedPlanIsKnownByTheFunctionThatRefusesIt() {
        assertThat(SqlErrorLedger.kindOf(refused("RevalidateCachedQuery"))).isEqualTo(SqlErrors.CACHED_PLAN);
        assertThat(SqlErrorLedger.kindOf(refused("transformLockingClause"))).isEqualTo(SqlErrors.OTHER);
        assertThat(SqlErrorLedger.kindOf(new SQLException("cached plan must not change result type", "0A000")))
                .isEqualTo(SqlErrors.OTHER);
    }

    private static SQLException refused(String routine) {
        return new PSQLException(new ServerErrorMessage(
                "SFEHLER\0C0A000\0Mgecachter Plan darf den Ergebnistyp nicht ändern\0R" + routine + "\0"));
    }

    private long count(String operation) {
        return seen().stream()
                .filter(seen -> seen.operation().equals(operation))
                .mapToLong(Fact.SqlErrorsSeen::count)
                .sum();
    }

    private List<Fact.SqlErrorsSeen> seen() {
        return facts.stream().map(Fact.SqlErrorsSeen.class::cast).toList();
    }
}
