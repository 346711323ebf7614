package dev.pgrehearse.workload;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.process.Supervisor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What adversaries are planted in.
 *
 * @param app the database as the application's role, which most of them are
 * @param superuser the same database as the superuser, for what only that may do
 * @param sessions learns which backends are theirs
 * @param supervisor the parent of their processes
 * @param scratch a directory of this run that nobody else may enter
 * @param pgDump the program for a dump; null when none on this machine can dump this server
 */
public record AdversaryGround(
        ConnectionDetails app,
        ConnectionDetails superuser,
        RehearsalClock clock,
        Sessions sessions,
        Supervisor supervisor,
        Path scratch,
        @Nullable DumpProgram pgDump) {
    /**
     * A pg_dump.
     *
     * @param path absolute
     * @param words its name and version
     */
    public record DumpProgram(Path path, String words) {}
}
