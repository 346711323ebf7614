package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Proof;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.workload.Adversary;
import dev.pgrehearse.workload.AdversaryEvents;
import dev.pgrehearse.workload.AdversaryGround;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The scenario's adversaries: each planted at its time, and proven to stand when the migration starts. */
final class Adversaries implements AutoCloseable {
    private final List<AdversarySpec> specs;
    private final AdversaryGround ground;
    private final RehearsalClock clock;
    private final FactSink facts;
    private final Map<Integer, Adversary> planted = new TreeMap<>();

    /** Whether they were asked for their proofs: what fails from then on is in none of these. */
    private volatile boolean proven;

    Adversaries(List<AdversarySpec> specs, AdversaryGround ground, FactSink facts) {
        this.specs = specs;
        this.ground = ground;
        this.clock = ground.clock();
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
    void plantDue(long migrationNanos) throws SQLException, InterruptedException {
        for (int i = 0; i < specs.size(); i++) {
            if (!planted.containsKey(i) && due(i, migrationNanos) <= clock.nanos()) {
                planted.put(i, Adversary.plant(specs.get(i), ground, new Told(i)));
            }
        }
    }

    /** What becomes of one of them, as facts. */
    private final class Told implements AdversaryEvents {
        private final int number;
        private final AtomicBoolean doubted = new AtomicBoolean();

        private Told(int number) {
            this.number = number;
        }

        @Override
        public void gone(long atNanos) {
            facts.add(new Fact.AdversaryGone(number, atNanos));
        }

        @Override
        public void told(String kind, String text) {
            facts.add(new Fact.Happened(clock.nanos(), kind, text));
            if (proven && kind.equals(AdversaryEvents.BATCH_RUN_FAILED) && !doubted.getAndSet(true)) {
                facts.add(new Fact.Doubted(new Recording.Doubt(
                        AdversaryEvents.BATCH_RUN_FAILED,
                        "A run of a batch job failed after the migration had started: " + text
                                + " From then on the migration may have met easier conditions than the scenario asks"
                                + " for.")));
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
        proven = true;
        for (Map.Entry<Integer, Adversary> entry : planted.entrySet()) {
            Adversary adversary = entry.getValue();
            Proof proof = proofOf(adversary, observer);
            facts.add(new Fact.AdversaryPlanted(
                    entry.getKey(),
                    adversary.spec().kind().key(),
                    adversary.spec().table(),
                    adversary.plantedNanos(),
                    proof.stands(),
                    proof.words()));
        }
    }

    private static Proof proofOf(Adversary adversary, Observer observer) throws SQLException {
        Integer pid = adversary.pid();
        String remark = adversary.remark();
        Proof proof = pid == null ? new Proof(false, "it has no backend") : observer.proofOf(pid, adversary.spec());
        boolean stands = proof.stands() && adversary.atWork();
        return new Proof(stands, remark.isEmpty() ? proof.words() : remark + ": " + proof.words());
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
        closeAll(planted.values());
    }

    /** Closes each one, also after one that throws; then throws the first, with the others as suppressed ones. */
    static void closeAll(Collection<Adversary> adversaries) {
        RuntimeException first = null;
        for (Adversary adversary : adversaries) {
            try {
                adversary.close();
            } catch (RuntimeException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
