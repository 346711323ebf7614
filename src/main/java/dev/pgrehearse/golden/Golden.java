package dev.pgrehearse.golden;

import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.Restored;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.server.Contents;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a dataset on the shelf, as its {@code dataset.json} says. Holds no secret.
 *
 * @param id short name
 * @param digest of all that made it, see {@link GoldenKey}
 * @param scenario the name of the scenario that it was first made for
 * @param size that scenario's size, with its factor when that was not 1
 * @param kind of the server that made it: {@code embedded} or {@code container}
 * @param server version of that server
 * @param location of the data: a path, or the name of a volume
 * @param locale of the cluster
 * @param preloadLibraries what a server on it has to preload
 * @param fingerprint of its files as they were left, see {@link Contents}
 * @param bytes what it takes on disk
 * @param madeAt ISO 8601 in UTC
 * @param seconds how long loading it took
 * @param tables counted and measured when it was settled
 * @param restored how it was restored; null when it was generated
 * @param doubts that every rehearsal on it has
 * @param fidelity with every figure, when it was generated from a profile; null otherwise, and in files of before that
 */
public record Golden(
        String id,
        String digest,
        String scenario,
        String size,
        String kind,
        String server,
        String location,
        String locale,
        List<String> preloadLibraries,
        String fingerprint,
        long bytes,
        String madeAt,
        double seconds,
        List<TableFacts> tables,
        @Nullable Restored restored,
        List<Doubt> doubts,
        @Nullable FidelityFacts fidelity) {
    public Golden {
        // One that an older program made has none.
        doubts = doubts == null ? List.of() : List.copyOf(doubts);
    }

    Golden at(String place, Contents contents) {
        return new Golden(
                id,
                digest,
                scenario,
                size,
                kind,
                server,
                place,
                locale,
                preloadLibraries,
                contents.fingerprint(),
                contents.bytes(),
                madeAt,
                seconds,
                tables,
                restored,
                doubts,
                fidelity);
    }
}
