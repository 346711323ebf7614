package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.golden.Golden;
import dev.pgrehearse.golden.GoldenDataset;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.scenario.ServerSpec;
import dev.pgrehearse.server.ServerHost;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Copies a dataset for a server that something is measured on. Stateless. */
final class RehearsalCopy {
    private static final String EMBEDDED = ServerSpec.Kind.EMBEDDED.name().toLowerCase(Locale.ROOT);

    private RehearsalCopy() {}

    /**
     * Copies it, on a machine whose memory has been used ({@link UsedMemory}): before, so that the copy's pages are the youngest,
     * and once more for what making the dataset may have freed. The memory of a container's server may be another machine's.
     *
     * @param doubts takes what there is to doubt about the memory
     */
    static GoldenDataset.Copy of(GoldenDataset dataset, ServerHost host, Progress progress, Consumer<Doubt> doubts)
            throws SQLException, DatasetException, IOException, InterruptedException {
        Optional<Doubt> before = usesThisMachine(host) ? use(dataset, host, progress) : Optional.empty();
        GoldenDataset.Copy copy = dataset.copy();
        Optional<Doubt> after = usesThisMachine(host) ? use(dataset, host, progress) : Optional.empty();
        // What could not be used before cannot be used after, either: once is enough to say so.
        before.or(() -> after).ifPresent(doubts);
        return copy;
    }

    /** Whether its servers take this machine's memory for sure. */
    static boolean usesThisMachine(ServerHost host) {
        return host.kind().equals(EMBEDDED);
    }

    private static Optional<Doubt> use(GoldenDataset dataset, ServerHost host, Progress progress)
            throws IOException, InterruptedException {
        long bytes = dataset.onShelf().map(Golden::bytes).orElse(0L);
        return UsedMemory.ofThisMachine().use(bytes, host.scratch(), progress);
    }
}
