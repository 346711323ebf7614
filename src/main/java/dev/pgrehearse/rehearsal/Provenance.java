package dev.pgrehearse.rehearsal;

import com.sun.management.OperatingSystemMXBean;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.LimitsJson;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.Scenario;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What was rehearsed, where, and with which tool: the first fact of a recording. */
final class Provenance {
    private Provenance() {}

    static Fact.Began began(Rehearsal rehearsal, String toolVersion, Instant startedAt) {
        Scenario scenario = rehearsal.scenario();
        return new Fact.Began(
                new Recording.Tool(toolVersion),
                startedAt.truncatedTo(ChronoUnit.MILLIS).toString(),
                host(),
                new Recording.ScenarioFacts(
                        scenario.name(),
                        scenario.description(),
                        rehearsal.variant().name(),
                        rehearsal.size(),
                        rehearsal.scale(),
                        rehearsal.seed(),
                        scenario.digest(),
                        rehearsal.expected().toString(),
                        scenario.document(),
                        LimitsJson.write(rehearsal.variant().conditions().limits())));
    }

    private static Recording.Host host() {
        return new Recording.Host(
                Runtime.getRuntime().availableProcessors(),
                memoryBytes(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
    }

    private static long memoryBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
