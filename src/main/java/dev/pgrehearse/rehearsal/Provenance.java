package dev.pgrehearse.rehearsal;

import com.sun.management.OperatingSystemMXBean;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.LimitsJson;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.SettingDifference;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

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

    /** The server that it runs on, and a doubt for each setting that is not what was asked for. */
    static List<Fact> of(RunningServer server, Recording.ServerFacts effective) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact.ServerStarted(effective));
        for (SettingDifference difference : server.differences()) {
            facts.add(new Fact.Doubted(new Recording.Doubt(
                    "setting-differs",
                    "The server's " + difference.name() + " is " + difference.effective() + " (from "
                            + difference.source() + "), not " + difference.asked() + " as asked.")));
        }
        return facts;
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
