package dev.pgrehearse.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes a run's reports again from its recordings. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        header = "Write a run's reports again from its recordings.",
        description = {
            "",
            "Needs no PostgreSQL. The verdicts are those under the limits in the recordings, also after a judge under "
                    + "others. Ends with 0 when the reports could be written, whatever they say.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  pgrehearse report reports/lock-queue/2026-01-31T02-00-00Z"})
final class ReportCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description = "The folder of a run, such as reports/lock-queue/<time>.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path folder;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public Integer call() throws IOException {
        JudgedAgain judged = JudgedAgain.of(folder, Optional.empty());
        new Console(specification.commandLine(), false, false)
                .result(judged.run(), folder, ExitCode.AS_EXPECTED, List.of());
        return ExitCode.AS_EXPECTED.number();
    }
}
