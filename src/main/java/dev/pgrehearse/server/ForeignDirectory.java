package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.file.Path;

/** A data directory of another cluster cannot be used by a host's servers. */
public final class ForeignDirectory extends ServerProblem {
    private static final long serialVersionUID = 1L;

    private ForeignDirectory(String whatFailed, String stateNow, String nextStep) {
        super(whatFailed, stateNow, nextStep);
    }

    /**
     * Looks at what can be seen before anything is copied.
     *
     * @param major of the host's servers
     * @throws ForeignDirectory when it cannot be used
     */
    public static void check(Path directory, int major) {
        String complaint;
        try {
            complaint = PhysicalFiles.complaint(directory, major);
        } catch (IOException e) {
            complaint = "it cannot be read (" + e + ")";
        }
        if (!complaint.isEmpty()) {
            throw new ForeignDirectory(
                    "The data directory " + directory + " cannot be used: " + complaint + ".",
                    "It was not copied.",
                    next(complaint));
        }
    }

    private static String next(String complaint) {
        if (complaint.startsWith("it is of PostgreSQL")) {
            return "Let the scenario say `server: { kind: container, image: postgres:"
                    + complaint.replaceAll("^it is of PostgreSQL ([0-9.]+).*$", "$1") + " }`.";
        }
        return complaint.contains("postmaster.pid")
                ? "Stop its server, or take a base backup; of a snapshot of the whole file system, remove postmaster.pid."
                : "Name a data directory that was stopped cleanly, or a base backup.";
    }

    static ForeignDirectory refused(String complaint) {
        return new ForeignDirectory(
                "The server does not take the data directory: " + complaint,
                "Its copy is removed when the run ends; the backup itself is as it was.",
                "A base backup needs the WAL that was written while it was taken (pg_basebackup -X stream, or restore it"
                        + " with its WAL); anything else is in the message above.");
    }
}
