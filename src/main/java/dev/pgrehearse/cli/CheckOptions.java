package dev.pgrehearse.cli;

import dev.pgrehearse.report.CheckSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** What {@code estimate --check} takes, and where the history is. */
final class CheckOptions {
    private static final String CHECK = "--check";
    private static final String ESTIMATE = "--estimate";

    /** Options that go with {@value #CHECK}: all others say how to measure. */
    private static final Set<String> TOGETHER = Set.of(CHECK, ESTIMATE, "--history", "--json", "--quiet");

    @Option(
            names = CHECK,
            paramLabel = "RECORDING",
            description =
                    "Run nothing: hold an estimate against this finished rehearsal or quiet run (its folder, or its"
                            + " recording.json) of the same scenario, variant and size, and add its errors to the history.")
    private @Nullable Path recording;

    @Option(
            names = ESTIMATE,
            paramLabel = "FILE",
            description =
                    "With --check: the estimate.json. By default the newest that fits in reports/<scenario>, or beside"
                            + " the recording's run.")
    private @Nullable Path estimate;

    @Option(
            names = "--history",
            paramLabel = "FILE",
            defaultValue = "reports/estimates.ndjson",
            description = "Where errors of past estimates are kept; by default reports/estimates.ndjson.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path history;

    /**
     * The history's file, which need not be there.
     *
     * @throws WrongInput when it is a folder
     */
    Path history() {
        if (Files.isDirectory(history)) {
            throw new WrongInput("--history " + history + " is a folder; a file is expected, such as "
                    + history.resolve("estimates.ndjson"));
        }
        return history;
    }

    /**
     * That either something is estimated or something is checked.
     *
     * @param scenario that the command line names; null when it names none
     * @throws WrongInput when it asks for both
     * @throws CommandLine.ParameterException when it asks for neither
     */
    void checkAgainstOthers(CommandLine commandLine, @Nullable Path scenario) {
        if (recording == null) {
            if (scenario == null) {
                throw new CommandLine.ParameterException(
                        commandLine, "Missing required parameter: 'SCENARIO' (or --check RECORDING)");
            }
            if (estimate != null) {
                throw new WrongInput(
                        ESTIMATE + " goes with " + CHECK + " RECORDING, which says what to hold it against");
            }
            return;
        }
        if (scenario != null) {
            throw new WrongInput(CHECK + " takes no scenario, and found " + scenario
                    + ": the recording says which scenario it is of. Nothing was checked.");
        }
        List<String> others = commandLine.getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !TOGETHER.contains(name))
                .toList();
        if (!others.isEmpty()) {
            throw new WrongInput(CHECK + " runs nothing, so it does not go with " + String.join(", ", others)
                    + ". Nothing was checked.");
        }
    }

    /**
     * Checks, and says what came out.
     *
     * @param json whether as lines of JSON
     * @throws WrongInput when estimate and recording cannot be compared
     */
    ExitCode run(PrintWriter out, boolean json) throws IOException {
        if (recording == null) {
            throw new IllegalStateException("nothing is to be checked");
        }
        CheckSummary check = EstimateCheck.of(recording, estimate, history());
        (json ? check.json() : check.lines()).forEach(out::println);
        out.flush();
        return ExitCode.AS_EXPECTED;
    }
}
