package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.StandbyCache;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.server.Replicated;
import dev.pgrehearse.server.SettingDifference;
import dev.pgrehearse.workload.Operation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The standby of a rehearsal before the load: told of, warmed, and shown to take what is to run on it. */
final class StandbySide {
    /** How long reads may hold replay up, and whether they keep their rows from being vacuumed. */
    private static final Set<String> ALWAYS_TOLD =
            Set.of("max_standby_streaming_delay", "hot_standby_feedback", "recovery_min_apply_delay");

    /** What makes it this primary's standby: different in every run. */
    private static final Set<String> WHEREABOUTS = Set.of("primary_conninfo", "primary_slot_name");

    /** 0A000: not supported on a standby, such as SERIALIZABLE; 55000: not while in recovery. */
    private static final Set<String> NOT_ON_A_STANDBY = Set.of(SqlState.READ_ONLY, "0A000", "55000");

    private final Replicated.Standby standby;
    private final FactSink facts;

    StandbySide(Replicated.Standby standby, FactSink facts) {
        this.standby = standby;
        this.facts = facts;
    }

    /** Completes when either server ends by itself, with words. */
    static CompletableFuture<String> died(Replicated servers) {
        Replicated.Standby standby = servers.standby();
        return standby == null
                ? servers.primary().died()
                : servers.primary()
                        .died()
                        .applyToEither(
                                standby.server()
                                        .died()
                                        .thenApply(words -> words.replaceFirst("^The server", "The standby")),
                                words -> words);
    }

    /** Writes what it is, and what there is to doubt about it. */
    void introduce(Map<String, String> ofPrimary, List<Operation> operations, Conditions conditions)
            throws SQLException {
        List<String> reads = operations.stream()
                .filter(Operation::onStandby)
                .map(Operation::name)
                .toList();
        facts.add(new Fact.StandbyStarted(settings(ofPrimary), standby.preparedSeconds(), reads));
        for (SettingDifference difference : standby.server().differences()) {
            doubt(
                    "standby-setting-differs",
                    "The standby's " + difference.name() + " is " + difference.effective() + " (from "
                            + difference.source() + "), not " + difference.asked() + " as asked.");
        }
        doubt(
                "standby-shares-machine",
                "Primary and standby share one machine here: each takes processor, memory and disk from the other, and no"
                        + " network lies between them. Replay may be behind longer, or shorter, than production's.");
        if (!reads.isEmpty() && conditions.app().pgbouncer() != null) {
            doubt(
                    "standby-without-pgbouncer",
                    "The pools for the standby connect to it directly, not through PgBouncer: each instance has "
                            + conditions.app().pool().getOrDefault("maximumPoolSize", "10")
                            + " sessions there.");
        }
    }

    private Map<String, String> settings(Map<String, String> ofPrimary) throws SQLException {
        Map<String, String> settings = new TreeMap<>();
        standby.server().facts().settings().forEach((name, value) -> {
            if (!WHEREABOUTS.contains(name) && !Objects.equals(value, ofPrimary.get(name))) {
                settings.put(name, value);
            }
        });
        try (Connection session = standby.server().superuser().open("pgrehearse");
                Statement statement = session.createStatement()) {
            for (String name : ALWAYS_TOLD) {
                try (ResultSet row = statement.executeQuery("SHOW " + name)) {
                    row.next();
                    settings.put(name, row.getString(1));
                }
            }
        }
        return settings;
    }

    /** Warms its caches where the scenario wants the dataset's warm. */
    void warm(ConnectionDetails primary, DatasetSpec.CacheState wanted) throws SQLException, InterruptedException {
        if (wanted == DatasetSpec.CacheState.WARM
                && !StandbyCache.warm(primary, standby.server().superuser())) {
            doubt(
                    "standby-cold",
                    "The standby's caches are cold: pg_prewarm is not there, or is the scenario's own already. Its first reads"
                            + " take longer than those of a standby that has served for a while.");
        }
    }

    /**
     * Runs each operation that is to run on it once.
     *
     * @throws IOException when one cannot run on a standby; any other failure is left to the load
     */
    void prove(List<Operation> operations) throws SQLException, IOException {
        for (Operation operation : operations) {
            if (operation.onStandby()) {
                try (Connection session =
                        standby.server().app().open("pgrehearse check", Map.of("stringtype", "unspecified"))) {
                    prove(operation, session);
                }
            }
        }
    }

    private static void prove(Operation operation, Connection session) throws IOException {
        try {
            operation.run(session, 0);
        } catch (SQLException refused) {
            if (NOT_ON_A_STANDBY.contains(String.valueOf(refused.getSQLState()))) {
                throw new IOException(
                        "the operation " + operation.name() + " is `on: standby`, and cannot run there: "
                                + refused.getMessage(),
                        refused);
            }
        }
    }

    private void doubt(String id, String text) {
        facts.add(new Fact.Doubted(new Recording.Doubt(id, text)));
    }
}
