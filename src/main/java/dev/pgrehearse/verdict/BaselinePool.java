package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.recording.Recording.Timeline;

/** Whether a pool was exhausted before the migration started, as far as the recording shows. Pure. */
final class BaselinePool {
    private BaselinePool() {}

    /**
     * The longest span of the baseline in which every connection of every pool was in use and requests waited, in
     * milliseconds, to the timeline's step; or what a pool tells that was exhausted, but not after the migration's
     * start. 0 when neither was seen.
     */
    static double exhaustedMs(Recording recording) {
        double byPool = recording.pools().stream()
                .filter(pool -> pool.firstExhaustedMs() == null)
                .mapToDouble(PoolFacts::longestExhaustedMs)
                .max()
                .orElse(0);
        return Math.max(byPool, byTimeline(recording));
    }

    private static double byTimeline(Recording recording) {
        Timeline timeline = recording.timeline();
        Phase baseline = Traffic.phase(recording, Phase.BASELINE);
        if (timeline == null || baseline == null || recording.pools().isEmpty()) {
            return 0;
        }
        double[] active = timeline.series().getOrDefault("poolActive", new double[0]);
        double[] pending = timeline.series().getOrDefault("poolPending", new double[0]);
        int size = recording.pools().stream().mapToInt(PoolFacts::size).sum();
        double longest = 0;
        double span = 0;
        for (int i = 0; i < Math.min(active.length, pending.length); i++) {
            double start = timeline.startMs() + i * timeline.stepMs();
            boolean inBaseline = start >= baseline.startMs() && start + timeline.stepMs() <= baseline.endMs();
            span = inBaseline && active[i] >= size && pending[i] > 0 ? span + timeline.stepMs() : 0;
            longest = Math.max(longest, span);
        }
        return longest;
    }
}
