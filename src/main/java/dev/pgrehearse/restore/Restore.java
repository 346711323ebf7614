package dev.pgrehearse.restore;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/** How a scenario's dataset is restored on one host. Not thread-safe. */
public interface Restore {
    /**
     * For what the scenario says. Looks at the source and for the programs that it needs; starts nothing.
     *
     * @throws RestoreMistake when the source cannot be restored on that host's servers
     * @throws dev.pgrehearse.server.ServerProblem when a program is missing
     */
    static Restore of(RestoreSpec spec, ServerHost host, Supervisor supervisor, Progress progress)
            throws RestoreMistake, IOException {
        ToolRun tools = new ToolRun(supervisor, host.scratch());
        RestoreSpec.Source source = spec.source();
        if (source instanceof RestoreSpec.Dump dump) {
            return DumpRestore.of(dump, spec, host, tools, progress);
        }
        return PhysicalRestore.of(source, spec, host, tools, progress);
    }

    /** SHA-256, in hexadecimal, of all that decides what is restored: the source, the database, the mask. */
    String digest() throws IOException;

    /** Whether the schema can be restored by itself, so that statements can be parsed before the data are there. */
    boolean hasSchemaApart();

    /**
     * Restores the schema alone into an empty database; for sources that have it apart.
     *
     * @throws RestoreMistake when the server lacks something that it needs
     * @throws DatasetException when it failed otherwise
     */
    void schema(RunningServer server)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException;

    /**
     * Restores everything into a data directory of the host's.
     *
     * @param settings of the server that it is done with
     * @return cleanly stopped, settled and counted
     * @throws RestoreMistake when the source, or the script that masks it, turns out to be wrong
     * @throws DatasetException when it failed otherwise; nothing of it is left in use
     */
    RestoredData make(Map<String, String> settings)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException;
}
