package dev.pgrehearse.server;

import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where servers of one kind come from; one for each run. What it makes is held by the supervisor from before it exists,
 * so nothing of it survives the tool.
 *
 * <p>Every method may throw {@link ServerProblem}. Not thread-safe, but the servers that it starts are independent of
 * each other and of it, and any number may run at once.
 */
public interface ServerHost extends AutoCloseable {
    /**
     * The host of the kind that the scenario names.
     *
     * @throws ServerProblem if that kind cannot run here
     */
    static ServerHost open(ServerSpec spec, Supervisor supervisor) {
        return switch (spec.kind()) {
            case EMBEDDED -> EmbeddedServerHost.open(spec, supervisor);
            case CONTAINER -> ContainerServerHost.open(spec, supervisor);
        };
    }

    /** {@code embedded} or {@code container}, as recordings name it. */
    String kind();

    /**
     * Makes a fresh cluster with the database {@value DataDirectory#DATABASE}, owned by the login role
     * {@value DataDirectory#APP}; cleanly stopped, and on disk.
     */
    DataDirectory initialise();

    /**
     * Makes a data directory of ours from one of another cluster of the same major version: a stopped one, or a base
     * backup, which recovers from the WAL that it holds. Configuration and access are replaced by ours, replication and
     * subscriptions are off, the roles {@value DataDirectory#SUPERUSER} and {@value DataDirectory#APP} are there;
     * databases and what is in them stay as they are. Cleanly stopped, and on disk.
     *
     * @param source on this machine; it is left as it is unless {@code scratch}
     * @param scratch whether the source lies below {@link #scratch} and may be used up
     * @throws ForeignDirectory when it cannot be used by this host's servers
     */
    DataDirectory adopt(Path source, boolean scratch);

    /** The major version of its servers. */
    int major();

    /** A directory on this machine for files of this run, which nobody else may enter; removed with the run. */
    Path scratch();

    /**
     * Copies a cleanly stopped data directory, as a clone where the file system can; the copy is on disk when this
     * returns. The source's server log is not copied.
     *
     * @throws ServerProblem if the source is in use, or was not stopped cleanly
     */
    DataDirectory copy(DataDirectory source);

    /**
     * What decides which data directories its servers can use: hosts with equal identities can use each other's. Changes
     * with the build of PostgreSQL and with the account that it runs as.
     */
    String identity();

    /** What is in a data directory whose server is stopped; {@link Contents#NONE} when there is no such directory. */
    Contents contents(DataDirectory directory);

    /**
     * Moves a cleanly stopped data directory into a folder, where its kind keeps data in folders, and makes sure that all
     * of it is on disk. It is held by the supervisor still, until {@link #letOutlive}.
     *
     * @param making the folder to move it into
     * @param place what that folder will be called
     * @return the directory as it is found when the folder has that name
     */
    DataDirectory shelve(DataDirectory directory, Path making, Path place);

    /** Lets a shelved directory outlive the run: from now on it is nobody's to remove but the shelf's. */
    void letOutlive(DataDirectory shelved);

    /** The room for data directories; empty when the file system does not tell. */
    Optional<Room> room();

    /**
     * Keeps a data directory whose server has ended: it outlives the tool, and is nobody's to remove but the user's.
     *
     * @param name of the rehearsal, for the name of what is kept
     */
    Kept keep(DataDirectory directory, String name);

    /** Removes a data directory whose server is stopped. */
    void remove(DataDirectory directory);

    /**
     * Starts a server and waits until it takes connections.
     *
     * @param settings {@code server.settings} of the scenario or {@link LoadingSettings#SETTINGS}; they win over the
     *     tool's own durable defaults
     * @throws ServerProblem with the server's own message if a setting is wrong
     */
    RunningServer start(DataDirectory directory, Map<String, String> settings);

    /**
     * Starts a server and a streaming standby of it, which has a cold copy of its data, and waits until the standby
     * streams. The directory is changed first: a role for the standby and its access are made, on a start of its own.
     *
     * @param directory cleanly stopped, and no golden dataset's
     * @param settings of both
     * @param ofStandby of the standby, besides or instead
     * @throws ServerProblem also when this kind of host has no standbys
     */
    Replicated startReplicated(DataDirectory directory, Map<String, String> settings, Map<String, String> ofStandby);

    /** Ends what still runs, and removes all data directories. */
    @Override
    void close();
}
