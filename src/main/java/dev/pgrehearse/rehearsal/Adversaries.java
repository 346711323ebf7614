package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Proof;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.workload.Adversary;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The scenario's adversaries: each planted at its time, and proven to stand when the migration starts. */
final class Adversaries implements AutoCloseable {
    private final List<AdversarySpec> specs;
    private final ConnectionDetails database;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final FactSink facts;
    private final Map<Integer, Adversary> planted = new TreeMap<>();

    Adversaries(
            List<AdversarySpec> specs,
            ConnectionDetails database,
            RehearsalClock clock,
            Sessions sessions,
            FactSink facts) {
        this.specs = specs;
        this.database = database;
        this.clock = clock;
        this.sessions = sessions;
        this.facts = facts;
    }

    /** How long before the migration the first is to be planted, but at least {@code least}. */
    Duration longestBefore(Duration least) {
        return specs.stream()
                .map(AdversarySpec::startsBefore)
                .filter(before -> before.compareTo(least) > 0)
                .max(Duration::compareTo)
                .orElse(least);
    }

    /** Plants those whose time has come, when the migration starts at {@code migrationNanos}. */
    void plantDue(long migrationNanos) throws SQLException {
        for (int i = 0; i < specs.size(); i++) {
            if (!planted.containsKey(i) && due(i, migrationNanos) <= clock.nanos()) {
                int number = i;
                planted.put(
                        i,
                        Adversary.plant(
                                specs.get(i),
                                database,
                                clock,
                                sessions,
                                goneNanos -> facts.add(new Fact.AdversaryGone(number, goneNanos))));
            }
        }
    }

    /** When the next one is due; {@link Long#MAX_VALUE} when all are planted. */
    long nextDue(long migrationNanos) {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < specs.size(); i++) {
            if (!planted.containsKey(i)) {
                next = Math.min(next, due(i, migrationNanos));
            }
        }
        return next;
    }

    private long due(int number, long migrationNanos) {
        return migrationNanos - specs.get(number).startsBefore().toNanos();
    }

    /** Asks the server whether each one stands, and records what it says; also of those whose moment was missed. */
    void prove(Observer observer) throws SQLException {
        neverPlanted().forEach(facts::add);
        for (Map.Entry<Integer, Adversary> entry : planted.entrySet()) {
            Adversary adversary = entry.getValue();
            Proof proof = observer.proofOf(
                    adversary.pid(), adversary.spec().kind(), adversary.spec().table());
            facts.add(new Fact.AdversaryPlanted(
                    entry.getKey(),
                    adversary.spec().kind().key(),
                    adversary.spec().table(),
                    adversary.plantedNanos(),
                    proof.stands(),
                    proof.words()));
        }
    }

    /** Those that the scenario asks for and that are not there: a busy machine may wake too late to plant one. */
    List<Fact.AdversaryPlanted> neverPlanted() {
        List<Fact.AdversaryPlanted> missing = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            if (!planted.containsKey(i)) {
                AdversarySpec spec = specs.get(i);
                missing.add(new Fact.AdversaryPlanted(
                        i,
                        spec.kind().key(),
                        spec.table(),
                        null,
                        false,
                        "it was never planted: its time, " + spec.startsBefore().toMillis()
                                + " ms before the migration, had passed"));
            }
        }
        return missing;
    }

    @Override
    public void close() {
        planted.values().forEach(Adversary::close);
    }
}
