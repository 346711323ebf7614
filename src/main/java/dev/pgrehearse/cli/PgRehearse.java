package dev.pgrehearse.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command that holds all others. */
@Command(
        name = "pgrehearse",
        mixinStandardHelpOptions = true,
        versionProvider = ToolVersion.class,
        header = "Rehearses a PostgreSQL migration at production size, under load, before the night it matters.",
        description = {
            "",
            "A scenario file says which server, which data, which load, and how the migration is written. pgrehearse "
                    + "starts the server, makes the data, runs the load, runs the migration in the midst of it, and "
                    + "writes a report with a verdict: GO, NO-GO or UNKNOWN.",
            "",
            "Begin with:  pgrehearse run scenarios/lock-queue",
            ""
        },
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every rehearsal ended as its scenario expects",
            "1:NO-GO, or a variant that should have been NO-GO was not",
            "2:the scenario or the command line is wrong; nothing was rehearsed",
            "3:UNKNOWN: it could not be measured well enough",
            "4:it could not be run (server, disk, container engine, ...); what was recorded is saved",
            "130:interrupted; what was recorded is saved"
        },
        subcommands = {
            RunCommand.class,
            EstimateCommand.class,
            ValidateCommand.class,
            JudgeCommand.class,
            ReportCommand.class,
            DatasetCommand.class,
            ProfileCommand.class,
            CommandLine.HelpCommand.class
        })
final class PgRehearse implements Runnable {
    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public void run() {
        specification.commandLine().usage(specification.commandLine().getOut());
    }
}
