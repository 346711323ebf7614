package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationLocksTest {
    private static final int MIGRATION = 9;

    private final List<Fact> facts = new ArrayList<>();
    private final MigrationLocks locks = new MigrationLocks(facts::add, new RelationNames(neverAsked()));

    @Test
    void aLockWasHadAfterALookThatDidNotShowItWasSentAndGoneWhenTheNextOneWasAnswered() {
        look(100, 2, MIGRATION);
        look(110, 1, MIGRATION, MIGRATION);
        look(120, 1, MIGRATION, MIGRATION);
        look(130, 3, MIGRATION);

        assertThat(seen()).containsExactly(List.of(98L, 110L, 120L, 133L));
    }

    /** A session is known before its first statement is sent. */
    @Test
    void aSessionThatWasNotThereAtTheLookBeforeHadNothingThen() {
        look(90, 1, 0);
        look(100, 1, MIGRATION, MIGRATION);
        look(110, 1, MIGRATION);

        assertThat(seen()).containsExactly(List.of(89L, 100L, 100L, 111L));
    }

    @Test
    void whatTheFirstLookOfAllShowsWasNotUnseenBefore() {
        look(100, 1, MIGRATION, MIGRATION);
        look(110, 1, MIGRATION);

        assertThat(seen()).containsExactly(List.of(100L, 100L, 100L, 111L));
    }

    /** Of statement after statement that take the same lock: it may have been somebody else's until a look shows it again. */
    @Test
    void theFirstLooksAfterAStatementWasSentAreKept() {
        look(100, 1, MIGRATION, MIGRATION);
        look(110, 1, MIGRATION, MIGRATION);
        locks.statementStarted(111);
        look(111, 1, MIGRATION, MIGRATION);
        look(120, 1, MIGRATION, MIGRATION);
        look(130, 1, MIGRATION, MIGRATION);
        look(140, 1, MIGRATION, MIGRATION);
        look(150, 1, MIGRATION);

        assertThat(facts)
                .singleElement()
                .satisfies(
                        lock -> assertThat(((Fact.LockSeen) lock).againNanos()).containsExactly(120L, 130L));
    }

    @Test
    void aPreparedTransactionIsNotTheMigrationThatIsNotThere() {
        look(90, 1, 0, 0);
        look(100, 1, 0);
        locks.finish();

        assertThat(facts).isEmpty();
    }

    /** A look that shows a lock of each of these backends. */
    private void look(long atNanos, long halfNanos, int migrationPid, int... holders) {
        List<LockRow> rows = new ArrayList<>();
        for (int pid : holders) {
            rows.add(new LockRow(LockRow.RELATION, "orders", 0, 0, pid, LockMode.SHARE, true, 0));
        }
        locks.sampled(atNanos, halfNanos, new LockTable(rows), migrationPid);
    }

    private List<List<Long>> seen() {
        return facts.stream()
                .map(Fact.LockSeen.class::cast)
                .map(lock -> List.of(lock.unseenNanos(), lock.firstNanos(), lock.lastNanos(), lock.goneNanos()))
                .toList();
    }

    /** Rows without a relation have no name to be looked up. */
    private static Connection neverAsked() {
        return (Connection) Proxy.newProxyInstance(
                MigrationLocksTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    throw new AssertionError(method.getName());
                });
    }
}
