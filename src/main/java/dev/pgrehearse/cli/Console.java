package dev.pgrehearse.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.rehearsal.KeptRehearsal;
import dev.pgrehearse.report.ConsoleSummary;
import dev.pgrehearse.report.Run;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.scenario.StopSpec;
import dev.pgrehearse.verdict.Figures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What a command says to whoever started it: progress on standard error, results on standard output. */
final class Console {

    /** Set by the launcher, which alone can ask whether standard error is a terminal. */
    private static final String TERMINAL = "pgrehearse.terminal";

    private final PrintWriter out;
    private final boolean quiet;
    private final boolean json;
    private final ObjectMapper mapper = new ObjectMapper();

    Console(CommandLine commandLine, boolean quiet, boolean json) {
        this.out = commandLine.getOut();
        this.quiet = quiet;
        this.json = json;
    }

    /** Whether standard error is a terminal. */
    static boolean isTerminal() {
        return Boolean.getBoolean(TERMINAL);
    }

    /** A listener for progress, to be closed at the end. */
    Reporting progress() {
        if (json) {
            JsonProgress lines = new JsonProgress(System.out);
            return new Reporting(lines, () -> {});
        }
        if (quiet) {
            return new Reporting(Progress.SILENT, () -> {});
        }
        ConsoleProgress lines = new ConsoleProgress(System.err, isTerminal());
        return new Reporting(lines, lines::close);
    }

    /** Progress that ends. */
    record Reporting(Progress progress, Runnable end) implements Progress, AutoCloseable {
        @Override
        public void report(ProgressEvent event) {
            progress.report(event);
        }

        @Override
        public void close() {
            end.run();
        }
    }

    /** Prints what would be rehearsed. */
    void plan(Plan plan, boolean keep) {
        if (json) {
            plan.rehearsals().forEach(rehearsal -> out.println(planned(rehearsal)));
            out.flush();
            return;
        }
        List<String[]> table = new ArrayList<>();
        table.add(new String[] {"REHEARSAL", "SIZE", "EXPECTED", "AT LEAST", "DISK ABOUT", "ROWS"});
        for (Rehearsal rehearsal : plan.rehearsals()) {
            StringBuilder rows = new StringBuilder();
            rehearsal
                    .rows()
                    .forEach((name, count) -> rows.append(rows.length() == 0 ? "" : ", ")
                            .append(name)
                            .append(' ')
                            .append(Figures.count(count)));
            RestoreSpec restore = rehearsal.data().dataset().restore();
            if (restore != null) {
                rows.append("those of ").append(restore.source().inWords());
            }
            table.add(new String[] {
                rehearsal.id(),
                rehearsal.size(),
                rehearsal.expected().toString(),
                Figures.duration((double) rehearsal.leastTime().toMillis()),
                Figures.bytes(rehearsal.dataBytes() + rehearsal.copyBytes()),
                rows.toString()
            });
        }
        aligned(table).forEach(out::println);
        for (Rehearsal rehearsal : plan.rehearsals()) {
            StopSpec stop = rehearsal.variant().migration().stop();
            if (stop != null) {
                out.println(rehearsal.id() + " is stopped " + stop.inWords() + ", and then cleaned.");
            }
            if (rehearsal.variant().conditions().standby() != null) {
                out.println(rehearsal.id() + " has a streaming standby, with a copy of the data of its own.");
            }
            rehearsal
                    .variant()
                    .conditions()
                    .adversaries()
                    .forEach(adversary -> out.println(
                            rehearsal.id() + " meets " + adversary.kind().key() + " on " + adversary.table() + "."));
        }
        out.println(
                "In all at least " + Figures.duration((double) plan.leastTime().toMillis())
                        + ", and the migrations themselves and the loading on top; about "
                        + Figures.bytes((double) plan.diskBytes(keep, Set.of()))
                        + " of disk. Nothing was started.");
        out.flush();
    }

    /** The rows as lines; each column but the last is as wide as its widest cell. */
    static List<String> aligned(List<String[]> rows) {
        List<String> lines = new ArrayList<>();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length - 1; column++) {
                int at = column;
                int width =
                        rows.stream().mapToInt(each -> each[at].length()).max().orElse(0);
                line.append(row[column]).append(" ".repeat(width - row[column].length() + 2));
            }
            lines.add(line.append(row[row.length - 1]).toString());
        }
        return lines;
    }

    private ObjectNode planned(Rehearsal rehearsal) {
        ObjectNode node = mapper.createObjectNode();
        node.put("kind", "PLANNED");
        node.put("id", rehearsal.id());
        node.put("variant", rehearsal.variant().name());
        node.put("under", rehearsal.under());
        ArrayNode adversaries = node.putArray("adversaries");
        rehearsal
                .variant()
                .conditions()
                .adversaries()
                .forEach(adversary -> adversaries
                        .addObject()
                        .put("kind", adversary.kind().key())
                        .put("table", adversary.table()));
        node.put("size", rehearsal.size());
        ObjectNode rows = node.putObject("rows");
        rehearsal.rows().forEach(rows::put);
        node.put("expected", rehearsal.expected().toString());
        StopSpec stop = rehearsal.variant().migration().stop();
        node.put("stop", stop == null ? null : stop.inWords());
        node.put("leastMs", rehearsal.leastTime().toMillis());
        node.put("dataBytes", rehearsal.dataBytes());
        node.put("standby", rehearsal.variant().conditions().standby() != null);
        return node;
    }

    /** Prints how the run ended and where its report is. */
    void result(Run run, Path folder, ExitCode code, List<KeptRehearsal> kept) {
        if (json) {
            ObjectNode result = mapper.createObjectNode();
            result.put("kind", "RESULT");
            result.put("exitCode", code.number());
            result.put("folder", folder.toString());
            ObjectNode verdicts = result.putObject("verdicts");
            run.rehearsals()
                    .forEach(rehearsed -> verdicts.put(
                            rehearsed.id(), rehearsed.verdict().verdict().toString()));
            result.set("kept", mapper.valueToTree(kept));
            out.println(result);
        } else {
            out.println();
            for (String line : ConsoleSummary.lines(run)) {
                out.println(Ansi.AUTO.enabled() ? coloured(line) : line);
            }
            out.println();
            kept.forEach(what -> {
                out.println("Kept of " + what.id() + ": " + what.location());
                out.println("  start it:   " + what.start());
                out.println("  look at it: " + what.connect());
                out.println("  remove it:  " + what.remove());
                out.println();
            });
            out.println("Report: " + folder.resolve("report.html"));
        }
        out.flush();
    }

    private static String coloured(String line) {
        return line.replaceAll("\\bNO-GO\\b", "\u001b[1;31mNO-GO\u001b[0m")
                .replaceAll("(?<!NO-)\\bGO\\b", "\u001b[1;32mGO\u001b[0m")
                .replaceAll("\\bUNKNOWN\\b", "\u001b[1;33mUNKNOWN\u001b[0m");
    }
}
