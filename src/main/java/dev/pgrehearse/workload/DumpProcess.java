package dev.pgrehearse.workload;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.process.Launch;
import dev.pgrehearse.process.ProcessProblem;
import dev.pgrehearse.process.SupervisedProcess;
import dev.pgrehearse.scenario.AdversarySpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A dump that is pg_dump itself, as a child of the supervisor; what it writes is thrown away. */
final class DumpProcess implements Adversary {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

    /** Variables of libpq that the user's shell may have, and that would send the dump elsewhere. */
    private static final List<String> FORGOTTEN = List.of(
            "PGHOSTADDR",
            "PGSERVICE",
            "PGSERVICEFILE",
            "PGPASSFILE",
            "PGREQUIREAUTH",
            "PGTARGETSESSIONATTRS",
            "PGCHANNELBINDING",
            "PGCLIENTENCODING");

    private static final String BACKEND = "SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name = ?";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long LOOK_MILLIS = 20;
    private static final int MOST_WORDS = 500;

    private final AdversarySpec spec;
    private final AdversaryGround ground;
    private final AdversaryEvents events;
    private final String program;
    private final String application;
    private final Path output;
    private final SupervisedProcess process;
    private final long plantedNanos;
    private final CompletableFuture<Void> ended;
    private volatile @Nullable Integer pid;
    private volatile String end = "";
    private volatile boolean closed;

    private DumpProcess(
            AdversarySpec spec,
            AdversaryGround ground,
            AdversaryEvents events,
            String program,
            String application,
            Path output,
            SupervisedProcess process) {
        this.spec = spec;
        this.ground = ground;
        this.events = events;
        this.program = program;
        this.application = application;
        this.output = output;
        this.process = process;
        this.plantedNanos = ground.clock().nanos();
        this.ended = process.exit().handle((status, lost) -> {
            ended(status, lost);
            return null;
        });
    }

    static DumpProcess plant(
            AdversarySpec spec, AdversaryGround.DumpProgram program, AdversaryGround ground, AdversaryEvents events)
            throws InterruptedException {
        ConnectionDetails server = ground.app();
        if (!LOOPBACK.contains(server.host())) {
            throw new IllegalArgumentException("pg_dump reads a server of this machine alone, not " + server.host());
        }
        String application = "pgrehearse dump " + UUID.randomUUID().toString().substring(0, 8);
        Path output = ground.scratch().resolve("dump-" + UUID.randomUUID() + ".output");
        List<String> command = new ArrayList<>(List.of("env"));
        FORGOTTEN.forEach(name -> command.addAll(List.of("-u", name)));
        command.addAll(List.of(
                program.path().toString(),
                "--host=" + server.host(),
                "--port=" + server.port(),
                "--username=" + server.user(),
                "--dbname=" + server.database(),
                "--no-password",
                "--file=/dev/null"));
        Map<String, String> environment = Map.of(
                "PGPASSWORD", server.password().reveal(),
                "PGAPPNAME", application,
                "PGSSLMODE", "disable",
                "PGGSSENCMODE", "disable",
                "PGOPTIONS", "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0",
                "LC_ALL", "C");
        SupervisedProcess process = ground.supervisor()
                .launch(new Launch(command, environment, ground.scratch().toString(), output.toString(), "TERM"));
        DumpProcess adversary = new DumpProcess(spec, ground, events, program.words(), application, output, process);
        Thread thread = new Thread(adversary::find, "adversary dump");
        thread.setDaemon(true);
        thread.start();
        return adversary;
    }

    /** Finds its backend, so that waits behind it are charged to it. */
    private void find() {
        try (Connection connection = ground.superuser().open("pgrehearse adversary");
                PreparedStatement backend = connection.prepareStatement(BACKEND)) {
            backend.setString(1, application);
            while (pid == null && !process.exit().isDone()) {
                try (ResultSet rows = backend.executeQuery()) {
                    if (rows.next()) {
                        int found = rows.getInt(1);
                        ground.sessions()
                                .begin(
                                        found,
                                        new Sessions.Use(
                                                Sessions.Role.ADVERSARY,
                                                spec.kind().key()));
                        pid = found;
                    }
                }
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (SQLException failure) {
            events.told(AdversaryEvents.FAILED, "The dump's session could not be found: " + failure.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void ended(@Nullable Integer status, @Nullable Throwable lost) {
        long now = ground.clock().nanos();
        Integer backend = pid;
        if (backend != null) {
            ground.sessions().end(backend);
        }
        String how = status == null
                ? "was lost: " + (lost == null ? "" : lost.getMessage())
                : "ended with status " + status + (status == 0 ? "" : ": " + words());
        end = program + " " + how;
        if (!closed && (status == null || status != 0)) {
            events.told(AdversaryEvents.FAILED, end);
        }
        events.gone(now);
    }

    private String words() {
        try {
            String text =
                    Files.readString(output, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
            return text.substring(0, Math.min(MOST_WORDS, text.length()));
        } catch (IOException unreadable) {
            return "what it printed cannot be read (" + unreadable.getMessage() + ")";
        }
    }

    @Override
    public AdversarySpec spec() {
        return spec;
    }

    @Override
    public @Nullable Integer pid() {
        return process.exit().isDone() ? null : pid;
    }

    @Override
    public Long plantedNanos() {
        return plantedNanos;
    }

    @Override
    public String remark() {
        return end.isEmpty() ? program + ", the program itself" : end;
    }

    @Override
    public void close() {
        closed = true;
        boolean interrupted = Thread.interrupted();
        try {
            process.stop("TERM", PATIENCE);
            ended.join();
            Files.deleteIfExists(output);
        } catch (InterruptedException again) {
            // The supervisor ends it with the run.
            interrupted = true;
        } catch (ProcessProblem supervisorGone) {
            events.told(AdversaryEvents.FAILED, String.valueOf(supervisorGone.getMessage()));
        } catch (IOException failure) {
            throw new UncheckedIOException("the dump's output file cannot be deleted", failure);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
