package dev.pgrehearse.cli;

import dev.pgrehearse.golden.Golden;
import dev.pgrehearse.golden.KeepLimit;
import dev.pgrehearse.golden.Shelf;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Golden datasets: loaded once, kept across runs, copied for each rehearsal. */
@Command(
        name = "dataset",
        mixinStandardHelpOptions = true,
        header = "Make, list and remove the loaded datasets that runs keep.",
        description = {
            "",
            "A run loads its data once, keeps them in the cache directory as a cleanly stopped data directory, and copies "
                    + "that for each rehearsal. The next run with the same schema, sources, rows, seed and server finds "
                    + "it there and does not load again.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgrehearse dataset build scenarios/blocked-writes --size production",
            "  pgrehearse dataset list",
            "  pgrehearse dataset remove 4f1c09ab77d2",
            "  pgrehearse dataset remove --all"
        })
final class DatasetCommand implements Runnable {
    private static final String NONE = "No datasets are kept.";

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public void run() {
        specification.commandLine().usage(specification.commandLine().getOut());
    }

    @Command(
            name = "build",
            mixinStandardHelpOptions = true,
            header = "Make the datasets of a scenario, so that later runs need not.")
    int build(
            @Mixin ScenarioOptions options,
            @Option(names = "--quiet", description = "Print no progress.") boolean quiet)
            throws IOException, InterruptedException {
        Plan plan = options.plan(options.read());
        Console console = new Console(specification.commandLine(), quiet, false);
        try (Console.Reporting progress = console.progress();
                Rehearser rehearser = Rehearser.open(plan, ToolVersion.text(), false, progress)) {
            rehearser.check();
            rehearser.makeDatasets();
            for (Golden golden : rehearser.datasets()) {
                FidelityFacts fidelity = golden.fidelity();
                if (fidelity != null) {
                    FidelityTable.lines(fidelity)
                            .forEach(specification.commandLine().getOut()::println);
                }
            }
            print(
                    specification.commandLine().getOut(),
                    rehearser.datasets().stream()
                            .map(golden -> new Shelf.Entry(golden, Instant.now(), false))
                            .toList());
        } catch (RehearsalMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
        return ExitCode.AS_EXPECTED.number();
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            header = "List the datasets that are kept, the last used first.")
    int list() throws IOException {
        PrintWriter out = specification.commandLine().getOut();
        Shelf shelf = Shelf.open();
        List<Shelf.Entry> entries = shelf.list();
        List<Shelf.Unreadable> broken = shelf.unreadable();
        if (entries.isEmpty() && broken.isEmpty()) {
            out.println(NONE);
        }
        if (!entries.isEmpty()) {
            print(out, entries);
            out.println("In all "
                    + Figures.bytes(entries.stream()
                            .mapToDouble(entry -> entry.golden().bytes())
                            .sum()) + ". Remove one with: pgrehearse dataset remove ID");
        }
        for (Shelf.Unreadable dataset : broken) {
            out.println(dataset.id() + " cannot be read: the next run that needs it makes it again. " + where(dataset));
        }
        KeepLimit limit = shelf.limit();
        out.println("At most " + Figures.bytes((double) limit.bytes()) + " are kept, "
                + (limit.chosen()
                        ? "as " + KeepLimit.SWITCH + " says."
                        : "half of what is free or kept on this disk; " + KeepLimit.SWITCH
                                + "=40GB sets another limit.")
                + " Beyond that, a run that makes a dataset removes the one whose last use is longest ago.");
        out.flush();
        return ExitCode.AS_EXPECTED.number();
    }

    /** Which datasets to remove. */
    static final class Which {
        @Parameters(arity = "1..*", paramLabel = "ID", description = "The first letters of an id are enough.")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--all", required = true, description = "All of them.")
        private boolean all;
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            header = "Remove datasets; a run that needs one loads again.")
    int remove(@ArgGroup(multiplicity = "1") Which which) throws IOException {
        PrintWriter out = specification.commandLine().getOut();
        Shelf shelf = Shelf.open();
        List<Shelf.Entry> entries = shelf.list();
        List<Shelf.Unreadable> broken = shelf.unreadable();
        List<String> inUse = new ArrayList<>();
        for (Golden golden : chosen(which, entries, broken)) {
            if (shelf.remove(golden)) {
                out.println("Removed " + golden.id() + " (" + golden.scenario() + ", " + golden.size() + ", "
                        + Figures.bytes((double) golden.bytes()) + ").");
            } else {
                inUse.add(golden.id());
            }
        }
        for (Shelf.Unreadable dataset : broken) {
            if (which.all || which.ids.stream().anyMatch(dataset.id()::startsWith)) {
                if (shelf.remove(dataset)) {
                    out.println("Removed " + dataset.id() + ", which could not be read. "
                            + (dataset.bytes().isPresent() ? "" : where(dataset)));
                } else {
                    inUse.add(dataset.id());
                }
            }
        }
        if (which.all && entries.isEmpty() && broken.isEmpty()) {
            out.println(NONE);
        }
        out.flush();
        if (!inUse.isEmpty()) {
            throw new IOException("Not removed, since a run is using it: " + String.join(", ", inUse)
                    + ". Try again when that run has ended.");
        }
        return ExitCode.AS_EXPECTED.number();
    }

    private static String where(Shelf.Unreadable dataset) {
        return dataset.bytes().isPresent()
                ? "It takes " + Figures.bytes((double) dataset.bytes().getAsLong()) + "."
                : "It holds no data directory, so its data are gone or in a container's volume whose name cannot be told;"
                        + " see: docker volume ls --filter label=dev.pgrehearse.cache";
    }

    private static List<Golden> chosen(Which which, List<Shelf.Entry> entries, List<Shelf.Unreadable> broken) {
        List<String> all = Stream.concat(
                        entries.stream().map(entry -> entry.golden().id()),
                        broken.stream().map(Shelf.Unreadable::id))
                .toList();
        List<Golden> chosen = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        for (Shelf.Entry entry : entries) {
            if (which.all || which.ids.stream().anyMatch(entry.golden().id()::startsWith)) {
                chosen.add(entry.golden());
            }
        }
        for (String id : which.ids) {
            long matching = all.stream().filter(each -> each.startsWith(id)).count();
            if (matching != 1) {
                mistakes.add((matching == 0
                                ? "no kept dataset has the id "
                                : "several kept datasets have ids that begin with ")
                        + "`" + id + "`; expected: "
                        + (all.isEmpty() ? "nothing, since none is kept" : "one of " + String.join(", ", all)));
            }
        }
        if (!mistakes.isEmpty()) {
            throw new WrongInput(String.join("\n", mistakes));
        }
        return chosen;
    }

    private static void print(PrintWriter out, List<Shelf.Entry> entries) {
        List<String[]> table = new ArrayList<>();
        table.add(new String[] {"ID", "SCENARIO", "SIZE", "SERVER", "DISK", "LOADED IN", "LAST USED", "ROWS"});
        for (Shelf.Entry entry : entries) {
            Golden golden = entry.golden();
            table.add(new String[] {
                golden.id(),
                golden.scenario(),
                golden.size(),
                golden.kind() + " " + golden.server(),
                Figures.bytes((double) golden.bytes()),
                Figures.duration(golden.seconds() * 1000),
                entry.inUse()
                        ? "now"
                        : entry.lastUsed().truncatedTo(ChronoUnit.SECONDS).toString(),
                golden.tables().stream()
                        .map(rows -> rows.name() + " " + Figures.count(rows.rows()))
                        .collect(Collectors.joining(", "))
            });
        }
        Console.aligned(table).forEach(out::println);
        out.flush();
    }
}
