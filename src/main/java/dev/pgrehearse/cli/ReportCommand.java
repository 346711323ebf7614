package dev.pgrehearse.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Writes a run's reports again from its recordings. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        header = "Write a run's reports again from its recordings.",
        description = {
            "",
            "The same as judge under the recordings' own limits, but always ends with 0 when the reports could be written.",
            ""
        })
final class ReportCommand implements Callable<Integer> {
    @CommandLine.Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private JudgeCommand judge;

    @Override
    public Integer call() throws Exception {
        judge.call();
        return ExitCode.AS_EXPECTED.number();
    }
}
