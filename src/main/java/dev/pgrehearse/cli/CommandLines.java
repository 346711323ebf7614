package dev.pgrehearse.cli;

import dev.pgrehearse.rehearsal.Faults;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Parses a command line and runs its command; the one place that maps exceptions to exit codes. */
final class CommandLines {
    private CommandLines() {}

    static int run(String[] arguments, Interruption interruption) {
        CommandLine commandLine = new CommandLine(new PgRehearse(), new CommandFactory(interruption))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExitCodeExceptionMapper(failure -> ExitCode.COULD_NOT_RUN.number())
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(command, failure, interruption))
                .setParameterExceptionHandler(CommandLines::wrongArguments);
        return commandLine.execute(arguments);
    }

    private static int failed(CommandLine command, Exception failure, Interruption interruption) {
        PrintWriter err = command.getErr();
        if (interruption.requested()) {
            err.println("pgrehearse: interrupted");
            return ExitCode.INTERRUPTED.number();
        }
        ExitCode code = failure instanceof WrongInput ? ExitCode.WRONG_INPUT : ExitCode.COULD_NOT_RUN;
        err.println(command.getColorScheme()
                .errorText("pgrehearse: " + String.join("\n  because: ", Faults.causes(failure))));
        if (code == ExitCode.COULD_NOT_RUN && System.getenv("PGREHEARSE_TRACE") != null) {
            failure.printStackTrace(err);
        }
        err.flush();
        return code.number();
    }

    private static int wrongArguments(CommandLine.ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("pgrehearse: " + words(failure)));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        err.flush();
        return ExitCode.WRONG_INPUT.number();
    }

    /** What is wrong; picocli calls a command that there is not an unmatched argument. */
    private static String words(CommandLine.ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        if (command.getParent() == null
                && failure instanceof CommandLine.UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().get(0).startsWith("-")) {
            return "found `" + unmatched.getUnmatched().get(0) + "`, expected a command: one of "
                    + String.join(", ", command.getSubcommands().keySet());
        }
        return String.valueOf(failure.getMessage());
    }

    /** Gives commands what they need from outside. */
    private record CommandFactory(Interruption interruption) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            if (type == RunCommand.class) {
                return type.cast(new RunCommand(interruption));
            }
            if (type == EstimateCommand.class) {
                return type.cast(new EstimateCommand(interruption));
            }
            return CommandLine.defaultFactory().create(type);
        }
    }
}
