package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.verdict.Judge;
import java.util.List;

/** The run of both samples. */
final class SampleRun {
    private SampleRun() {}

    static Run run() {
        return of(
                rehearsed("as-written", SampleRecordings.asWritten(), Expectation.NO_GO),
                rehearsed("with-timeout", SampleRecordings.withTimeout(), Expectation.GO));
    }

    static Run of(Run.Rehearsed... rehearsals) {
        return new Run(
                "lock-queue",
                "An ALTER that needs its lock for milliseconds waits behind a long read, and everybody waits behind it.",
                "2026-03-01T01:45:00Z",
                "pgrehearse run scenarios/lock-queue",
                List.of(rehearsals));
    }

    static Run.Rehearsed rehearsed(String id, Recording recording, Expectation expected) {
        return new Run.Rehearsed(id, recording, Judge.judge(recording, SampleRecordings.limits(), expected));
    }
}
