package dev.pgrehearse;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Holds the arrows between the packages: what each may see of the others. ARCHITECTURE.md draws them. */
@AnalyzeClasses(packages = "dev.pgrehearse", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "dev.pgrehearse.";

    private static final Map<String, Set<String>> MAY_SEE = Map.ofEntries(
            Map.entry("clock", Set.of()),
            Map.entry("progress", Set.of()),
            Map.entry("postgres", Set.of()),
            Map.entry("process", Set.of()),
            Map.entry("scenario", Set.of("profile")),
            Map.entry("profile", Set.of()),
            Map.entry("calibration", Set.of("profile", "postgres", "progress")),
            Map.entry("profiling", Set.of("calibration", "profile", "postgres", "process", "progress")),
            Map.entry("recording", Set.of("scenario", "postgres")),
            Map.entry("fidelity", Set.of("profile", "recording")),
            Map.entry("values", Set.of("scenario")),
            Map.entry("server", Set.of("process", "scenario", "recording", "postgres", "progress")),
            Map.entry("dataset", Set.of("values", "scenario", "profile", "recording", "postgres", "progress")),
            Map.entry("migration", Set.of("scenario", "recording", "postgres", "clock")),
            Map.entry("app", Set.of("scenario", "recording", "postgres", "clock")),
            Map.entry("workload", Set.of("app", "values", "scenario", "recording", "process", "postgres", "clock")),
            Map.entry(
                    "traffic",
                    Set.of("workload", "values", "profile", "scenario", "recording", "postgres", "progress")),
            Map.entry("observe", Set.of("scenario", "recording", "postgres", "clock")),
            Map.entry("plan", Set.of("scenario", "dataset", "restore")),
            Map.entry(
                    "restore", Set.of("server", "dataset", "process", "scenario", "recording", "postgres", "progress")),
            Map.entry(
                    "golden",
                    Set.of(
                            "restore",
                            "server",
                            "dataset",
                            "profile",
                            "profiling",
                            "fidelity",
                            "process",
                            "scenario",
                            "recording",
                            "postgres",
                            "progress")),
            Map.entry(
                    "rehearsal",
                    Set.of(
                            "plan",
                            "golden",
                            "calibration",
                            "profile",
                            "restore",
                            "server",
                            "dataset",
                            "migration",
                            "app",
                            "traffic",
                            "workload",
                            "observe",
                            "process",
                            "values",
                            "scenario",
                            "recording",
                            "postgres",
                            "clock",
                            "progress")),
            Map.entry("verdict", Set.of("scenario", "recording", "postgres")),
            Map.entry("estimate", Set.of("profile", "verdict", "scenario", "recording")),
            Map.entry(
                    "ladder",
                    Set.of(
                            "estimate",
                            "rehearsal",
                            "plan",
                            "calibration",
                            "profile",
                            "verdict",
                            "scenario",
                            "recording",
                            "progress")),
            Map.entry("history", Set.of("estimate", "verdict", "recording")),
            Map.entry(
                    "report", Set.of("history", "estimate", "profile", "verdict", "scenario", "recording", "postgres")),
            Map.entry(
                    "cli",
                    Set.of(
                            "scenario",
                            "plan",
                            "golden",
                            "rehearsal",
                            "recording",
                            "estimate",
                            "ladder",
                            "history",
                            "verdict",
                            "report",
                            "progress",
                            "profile",
                            "profiling",
                            "calibration")));

    @ArchTest
    static void everyPackageSeesOnlyWhatItMay(JavaClasses classes) {
        Set<String> packages = classes.stream()
                .map(type -> type.getPackageName().substring(ROOT.length()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages).as("packages without a line in this test").isSubsetOf(MAY_SEE.keySet());
        assertThat(classes.size())
                .as("classes seen: fewer means that the import is broken")
                .isGreaterThan(150);
        for (String from : packages) {
            String[] forbidden = packages.stream()
                    .filter(to -> !to.equals(from) && !MAY_SEE.get(from).contains(to))
                    .map(to -> ROOT + to)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + from)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .check(classes);
        }
    }

    @ArchTest
    static final ArchRule noCycles =
            SlicesRuleDefinition.slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule verdictAndReportKnowNoDatabaseAndNoClock = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "verdict", ROOT + "report", ROOT + "recording")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql", "javax.sql", "org.postgresql..", ROOT + "clock")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule onlyTheCommandLineSpeaksAndExits = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "cli", ROOT + "process")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "exit", int.class);

    /** ARCHITECTURE.md must not name a class that is gone. */
    @ArchTest
    static void everyClassThatTheArchitectureNamesExists(JavaClasses classes) throws IOException {
        Set<String> names = classes.stream().map(type -> type.getSimpleName()).collect(Collectors.toSet());
        names.add(ArchitectureTest.class.getSimpleName());
        List<String> named = Pattern.compile("`((?:[a-z]+\\.)?[A-Z][a-z]+[A-Za-z]*)`")
                .matcher(Files.readString(Path.of("ARCHITECTURE.md")))
                .results()
                .map(match -> match.group(1).replaceFirst("^[a-z]+\\.", ""))
                .distinct()
                .toList();
        assertThat(named).isNotEmpty().allSatisfy(name -> assertThat(names).contains(name));
    }
}
