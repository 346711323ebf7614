package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.LastSeen;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A metastable failure: the migration has ended, nobody waits for a lock of its making, and still most requests fail, since
 * what the outage set going keeps it going. Pure.
 *
 * <p>Source: Bronson and others, "Metastable Failures in Distributed Systems", HotOS 2021.
 *
 * @param seen the service in the last seconds that were watched
 * @param causes what keeps it down, in whole sentences, the clearest first; empty when nothing that was measured does
 */
record StaysDown(LastSeen seen, List<String> causes) {
    /** Who looks for less than the whole window of 10 s, but for rounding, sees a backlog that is being worked off. */
    private static final double LEAST_WATCHED_MS = 9_999;
    /** Down: not even half of the requests that end succeed. */
    private static final double DOWN = 0.5;
    /** So many retries per request are more than an accident. */
    private static final double RETRIES = 0.2;
    /** So much of the workers' time for nobody is more than an accident. */
    private static final double FOR_NOBODY = 0.25;
    /** So many of the instances are missing. */
    private static final double NOT_READY = 0.1;

    /** Empty when it recovered, was not watched, or something of the migration's is still in the way. */
    static Optional<StaysDown> of(Recording recording) {
        LastSeen seen = recording.recovery().lastSeen();
        if (!recording.complete()
                || seen == null
                || seen.ended() == 0
                || seen.toMs() - seen.fromMs() < LEAST_WATCHED_MS
                || seen.lockWaits() > 0
                || seen.ok() >= DOWN * seen.ended()) {
            return Optional.empty();
        }
        return Optional.of(new StaysDown(seen, causes(seen)));
    }

    private static List<String> causes(LastSeen seen) {
        List<String> causes = new ArrayList<>();
        if (seen.offered() > 0 && seen.tries() >= (1 + RETRIES) * seen.offered()) {
            causes.add("Retries: " + Figures.count(seen.tries()) + " tries of "
                    + Figures.count(seen.offered(), "request", "requests") + ".");
        }
        if (seen.forNobodyShare() >= FOR_NOBODY) {
            causes.add("The queue: workers spend " + Figures.share(seen.forNobodyShare())
                    + " of their time on requests whose clients have gone.");
        }
        if (seen.readyShare() <= 1 - NOT_READY || seen.killed() > 0) {
            causes.add("Probes: " + Figures.share(1 - seen.readyShare()) + " of the instances get no traffic"
                    + (seen.killed() == 0
                            ? "."
                            : ", and " + Figures.count(seen.killed(), "was", "were")
                                    + " killed by the liveness probe."));
        }
        if (seen.refused() > 0) {
            causes.add("Connections: the server has no slot for those that instances want to open.");
        }
        if (seen.breakerOpen() > 0) {
            causes.add("Breakers: " + Figures.count(seen.breakerOpen(), "request was", "requests were")
                    + " refused by an open one.");
        }
        return causes;
    }

    static List<Finding> findings(Recording recording, Limits limits) {
        Phase recovery = Traffic.phase(recording, Phase.RECOVERY);
        return of(recording)
                .filter(down -> recovery != null)
                .map(down -> List.of(down.finding(recovery == null ? 0 : recovery.endMs() - recovery.startMs())))
                .orElse(List.of());
    }

    private Finding finding(double watchedMs) {
        return new Finding(
                "metastable",
                Severity.NO_GO,
                null,
                watchedMs,
                watchedMs,
                Finding.MILLISECONDS,
                "The system stays down: " + Figures.duration(watchedMs)
                        + " after the migration ended, most requests still fail",
                "The migration is over and no lock of its is waited for, yet in the last "
                        + Figures.duration(seen.toMs() - seen.fromMs()) + " only " + Figures.count(seen.ok()) + " of "
                        + Figures.count(seen.ended(), "request", "requests") + " succeeded. What keeps it down: "
                        + (causes.isEmpty() ? "nothing that was measured." : String.join(" ", causes))
                        + " Such a failure need not end by itself: somebody has to take load off.",
                SaferWay.numbered(List.of(
                        "Give retries a budget (`app.retries.budget`), and pauses that grow, with jitter.",
                        "Let no request wait for a worker or a connection longer than its client waits: shorter queues, a"
                                + " connectionTimeout below the request timeout.",
                        "Keep a readiness probe from asking a pool that the load has filled.",
                        "Know beforehand how to shed load, and rehearse that too.")));
    }
}
