package dev.pgrehearse.cli;

import dev.pgrehearse.calibration.Calibrator;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.profiling.PasswordMissing;
import dev.pgrehearse.profiling.ProfileReader;
import dev.pgrehearse.profiling.Target;
import dev.pgrehearse.profiling.TargetMistake;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes the profile of a running database. */
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        header = "Take the profile of a database: its shape and statistics, none of its rows.",
        description = {
            "",
            "Reads catalogues and statistics in one short read-only transaction, takes no lock above ACCESS SHARE, reads no row "
                    + "of a table (--calibrate does), and writes one file that a dataset can be generated from. Without --values no value of any "
                    + "row is written; docs/profile.md says what is.",
            "",
            "With --calibrate it then measures how fast the machine is, by read-only probes for at most 30 s: estimate scales "
                    + "what it measures elsewhere by that.",
            "",
            "The role needs pg_monitor and pg_read_all_data to see everything. The password comes from PGPASSWORD, from "
                    + "the file that PGPASSFILE names, from ~/.pgpass, or is asked for on a terminal.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgrehearse profile --url jdbc:postgresql://db.example/shop --user profiler --out shop.profile.json",
            "  pgrehearse profile --url postgresql://profiler@db.example/shop --out shop.profile.json --window 60s"
        })
final class ProfileCommand implements Callable<Integer> {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h)");
    private static final Duration LONGEST_WINDOW = Duration.ofHours(24);
    private static final int LITERALS_SHOWN = 20;

    @Option(
            names = "--url",
            required = true,
            paramLabel = "URL",
            description = "jdbc:postgresql://host:port/database or postgresql://user@host:port/database.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String url;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The file to write (mode 0600).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path out;

    @Option(names = "--user", paramLabel = "NAME", description = "The role that connects.")
    private @Nullable String user;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description = "Watch the traffic so long, such as 60s: adds calls per second and ages of transactions.")
    private @Nullable String window;

    @Option(
            names = "--values",
            description =
                    "Write common values and histogram bounds as they are. They are copies of what is in rows: the file"
                            + " is then as confidential as the database.")
    private boolean values;

    @Option(
            names = "--calibrate",
            description =
                    "Measure how fast the machine is, too: generated rows are added up and sorted, in memory and in about 20 MB"
                            + " of temporary files, and at most 80 MB of one table and 1000 rows of one by its index are read,"
                            + " twice, in one read-only session at a time, for at most 30 s. The file gets times, server"
                            + " settings and where blocks came from, no name of a table.")
    private boolean calibrate;

    @Option(names = "--force", description = "Replace the file when it exists.")
    private boolean force;

    @Option(names = "--quiet", description = "Print warnings and notices alone.")
    private boolean quiet;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkFile();
        Duration watched = window();
        Target target = target();
        Profile profile;
        try (Console.Reporting progress = new Console(specification.commandLine(), quiet, false).progress();
                ProfileReader reader = open(target, progress)) {
            if (calibrate) {
                progress.report(ProgressEvent.notice(Calibrator.announcement()));
            }
            String path = System.getenv("PATH");
            profile = reader.read(new ProfileReader.Request(
                    ToolVersion.text(), values, calibrate, watched, path == null ? "" : path));
        }
        ProfileJson.write(profile, out);
        print(profile);
        return ExitCode.AS_EXPECTED.number();
    }

    private void checkFile() {
        if (Files.isDirectory(out)) {
            throw new WrongInput("--out " + out + " is a directory; expected a file to write. Nothing was read.");
        }
        Path folder = out.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new WrongInput("--out " + out + ": there is no directory " + folder + ". Nothing was read.");
        }
        if (Files.exists(out) && !force) {
            throw new WrongInput(
                    "--out " + out + " exists already. Nothing was read. Give another name, or --force to replace it.");
        }
    }

    private Duration window() {
        if (window == null) {
            return Duration.ZERO;
        }
        Matcher matcher = DURATION.matcher(window);
        if (matcher.matches()) {
            long count = Long.parseLong(matcher.group(1));
            Duration found = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                default -> Duration.ofHours(count);
            };
            if (!found.isZero() && found.compareTo(LONGEST_WINDOW) <= 0) {
                return found;
            }
        }
        throw new WrongInput("--window: found `" + window
                + "`, expected a duration above 0 and of at most 24h with its unit, such as 60s or 5m");
    }

    private Target target() {
        Target target;
        try {
            target = Target.parse(url, user, System.getenv());
        } catch (TargetMistake mistake) {
            throw new WrongInput(mistake);
        }
        if (target.passwordInUrl()) {
            warn("the password in --url shows in the process list, for everybody on this machine. Use PGPASSWORD or"
                    + " ~/.pgpass instead.");
        }
        return target;
    }

    @SuppressWarnings("SystemConsoleNull")
    private static ProfileReader open(Target target, Console.Reporting progress) {
        try {
            return ProfileReader.open(target, progress);
        } catch (PasswordMissing missing) {
            char[] typed = askForPassword();
            if (typed == null) {
                throw missing.problem();
            }
            try {
                return ProfileReader.open(target.withPassword(new String(typed)), progress);
            } catch (PasswordMissing again) {
                throw again.problem();
            }
        }
    }

    /** Null when there is nobody to ask. */
    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on it is never null, so the launcher's word is needed too
    private static char @Nullable [] askForPassword() {
        java.io.Console terminal = System.console();
        return terminal != null && Console.isTerminal() ? terminal.readPassword("Password: ") : null;
    }

    private void warn(String text) {
        PrintWriter err = specification.commandLine().getErr();
        err.println(specification.commandLine().getColorScheme().errorText("pgrehearse: warning: " + text));
        err.flush();
    }

    private void print(Profile profile) {
        profile.notices().forEach(this::warn);
        if (values) {
            warn(out
                    + " holds values of rows, since --values was given: common values and histogram bounds of every column"
                    + " that was analyzed. Treat it as you treat the database itself.");
        }
        if (quiet) {
            return;
        }
        PrintWriter lines = specification.commandLine().getOut();
        List<Profile.Table> holding = profile.tables().stream()
                .filter(table -> !table.isPartitioned())
                .toList();
        double rows = holding.stream().mapToDouble(Profile.Table::rows).sum();
        List<Profile.Column> columns = profile.tables().stream()
                .flatMap(table -> table.columns().stream())
                .toList();
        long without =
                columns.stream().filter(column -> !column.hasStatistics()).count();
        List<Profile.Index> indexes = profile.tables().stream()
                .flatMap(table -> table.indexes().stream())
                .toList();
        long invalid = indexes.stream().filter(index -> !index.valid()).count();
        lines.println(out + ": PostgreSQL " + profile.server().version() + ", "
                + Figures.bytes((double) profile.server().databaseBytes()));
        lines.println("  tables       " + Figures.count(profile.tables().size()) + ", about "
                + Figures.count(Math.round(rows)) + " rows");
        lines.println("  columns      " + Figures.count(columns.size()) + ", " + Figures.count(without)
                + " without statistics");
        lines.println("  indexes      " + Figures.count(indexes.size()) + ", " + Figures.count(invalid) + " INVALID");
        lines.println("  foreign keys " + Figures.count(profile.foreignKeys().size()));
        Profile.Traffic traffic = profile.traffic();
        lines.println("  statements   "
                + (traffic == null
                        ? "none: see the warning"
                        : Figures.count(traffic.statements().size()) + ", " + Figures.count(traffic.leftOut())
                                + " left out"));
        lines.println("  schema       "
                + (profile.schema().missing() == null
                        ? Figures.count(profile.schema().sql().lines().count()) + " lines of SQL"
                        : "missing: see the warning"));
        if (profile.calibration() != null) {
            printCalibration(profile.calibration(), lines);
        }
        printLiterals(profile, lines);
        lines.println(
                profile.values()
                        ? "It holds values of rows."
                        : "It holds no value of any row. Look at the literals of the schema before you give it away.");
        lines.flush();
    }

    private static void printCalibration(Calibration calibration, PrintWriter lines) {
        lines.println("  calibration  " + Figures.duration(calibration.seconds() * 1e3) + " of probes:");
        for (Calibration.Probe probe : calibration.probes()) {
            Double median = probe.median();
            Double spread = probe.spread();
            Calibration.Reads reads = probe.reads();
            lines.println("    " + probe.kind().words() + ": "
                    + (median == null || spread == null
                            ? "unknown, see the warning"
                            : Figures.plain(median) + " µs per " + probe.kind().unit() + ", repeats "
                                    + Figures.share(spread) + " apart"
                                    + (reads == null
                                            ? ""
                                            : ", " + reads.source().words())));
        }
    }

    private static void printLiterals(Profile profile, PrintWriter lines) {
        List<Profile.Literal> literals = profile.schema().literals();
        if (literals.isEmpty()) {
            return;
        }
        lines.println("  to review    " + Figures.count(literals.size())
                + " parts of the schema hold values that somebody wrote (schema.literals in the file):");
        literals.stream().limit(LITERALS_SHOWN).forEach(literal -> lines.println("    " + literal.what()));
        if (literals.size() > LITERALS_SHOWN) {
            lines.println("    and " + Figures.count(literals.size() - LITERALS_SHOWN) + " more");
        }
    }
}
