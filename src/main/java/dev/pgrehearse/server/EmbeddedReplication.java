package dev.pgrehearse.server;

import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.process.Account;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Starts an embedded server with a streaming standby, which is made by hand: the binaries have no pg_basebackup. */
final class EmbeddedReplication {
    private final EmbeddedServerHost host;
    private final Account account;

    EmbeddedReplication(EmbeddedServerHost host, Account account) {
        this.host = host;
        this.account = account;
    }

    /**
     * Starts both. WAL of a dataset's load is minimal, and nobody can follow such: so the primary is started and stopped
     * once, and its data are copied then.
     */
    Replicated start(DataDirectory directory, Map<String, String> settings, Map<String, String> ofStandby) {
        long began = System.nanoTime();
        Path path = Path.of(directory.location());
        Password password = Password.random();
        try {
            StandbyFiles.letIn(path);
            try (RunningServer once = host.start(directory, StandbyStart.before(settings))) {
                StandbyStart.makeRole(once.superuser(), password);
                once.stop();
            }
            DataDirectory copy = host.copy(directory);
            RunningServer primary = host.start(directory, settings);
            try {
                StandbyStart.makeSlot(primary.superuser());
                RunningServer standby = follow(primary, copy, password, merged(settings, ofStandby));
                double seconds = (System.nanoTime() - began) / 1e9;
                return new Replicated(primary, new Replicated.Standby(standby, seconds, () -> host.remove(copy)));
            } catch (RuntimeException | IOException e) {
                primary.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ServerProblem(
                    "A standby cannot be made of " + path + ": " + e,
                    "What was begun is removed when the run ends.",
                    "Look at the message above: often the disk is full.",
                    e);
        }
    }

    private RunningServer follow(
            RunningServer primary, DataDirectory copy, Password password, Map<String, String> settings)
            throws IOException {
        Path path = Path.of(copy.location());
        StandbyFiles.follow(path, primary.superuser(), password, account);
        RunningServer standby = host.start(copy, settings, StandbyFiles.settings(path, primary.superuser()));
        try {
            StandbyStart.awaitStreaming(primary.superuser(), standby);
            return standby;
        } catch (RuntimeException e) {
            standby.close();
            throw e;
        }
    }

    private static Map<String, String> merged(Map<String, String> settings, Map<String, String> ofStandby) {
        Map<String, String> merged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        merged.putAll(settings);
        merged.putAll(ofStandby);
        return merged;
    }
}
