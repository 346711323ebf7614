package dev.pgrehearse.cli;

import dev.pgrehearse.estimate.EstimateFormatException;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.EstimatesJson;
import dev.pgrehearse.history.Check;
import dev.pgrehearse.history.MeasuredRun;
import dev.pgrehearse.history.NotComparable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The estimates that lie where runs of a scenario go.
 *
 * @param places the folders that were looked through; each holds folders of runs
 * @param written the newest first
 * @param told what could not be read, in whole sentences
 */
record PastEstimates(List<Path> places, List<Written> written, List<String> told) {
    /** More of them would hide what is wrong with the newest. */
    private static final int MOST_TOLD = 10;

    /** What one command wrote. */
    record Written(Path file, Estimates estimates) {}

    /**
     * The one that a recording was held against.
     *
     * @param told what could not be read, in whole sentences
     */
    record Found(Path file, Check check, List<String> told) {}

    /**
     * Looks in {@code reports/<scenario>} of the current folder, and among the runs that lie beside the recording's own.
     *
     * @param recording the recording's file
     */
    static PastEstimates near(Path recording, String scenario) throws IOException {
        Set<Path> places = new LinkedHashSet<>();
        places.add(Path.of("reports", scenario));
        Path run = parent(parent(recording.toAbsolutePath().normalize()));
        if (run.getParent() != null && !isSame(run.getParent(), Path.of("reports", scenario))) {
            places.add(run.getParent());
        }
        List<Written> written = new ArrayList<>();
        List<String> told = new ArrayList<>();
        for (Path place : places) {
            for (Path file : estimatesIn(place)) {
                read(file, written, told);
            }
        }
        written.sort(Comparator.comparing((Written each) -> each.estimates().startedAt())
                .reversed());
        return new PastEstimates(List.copyOf(places), List.copyOf(written), List.copyOf(told));
    }

    /**
     * The newest that can be held against a run.
     *
     * @param now ISO 8601 in UTC
     * @throws WrongInput when there is none: it says of each why not
     */
    Found newest(MeasuredRun run, String now) {
        List<String> apart = new ArrayList<>();
        for (Written each : written) {
            try {
                return new Found(each.file(), Check.of(run, each.estimates(), now), told);
            } catch (NotComparable reasons) {
                apart.add("  " + each.file() + ", made at " + each.estimates().startedAt() + ":\n" + indented(reasons));
            }
        }
        throw new WrongInput("No estimate was found of scenario " + run.scenario() + ", variant " + run.variant()
                + ", that could be held against the recording of " + run.recordedAt() + ". Nothing was written."
                + "\n  Looked for "
                + places.stream()
                        .map(place -> place.resolve("*")
                                .resolve(EstimateCheck.ESTIMATE)
                                .toString())
                        .collect(Collectors.joining(" and "))
                + (written.isEmpty() ? ", and found none." : ":")
                + apart.stream().limit(MOST_TOLD).map(reason -> "\n" + reason).collect(Collectors.joining())
                + (apart.size() > MOST_TOLD ? "\n  … and " + (apart.size() - MOST_TOLD) + " older ones" : "")
                + told.stream().map(line -> "\n  " + line).collect(Collectors.joining())
                + "\n  Another one can be named with --estimate FILE.");
    }

    /** Its reasons, each in a line of its own. */
    static String indented(NotComparable reasons) {
        return String.valueOf(reasons.getMessage())
                .lines()
                .map(line -> "    " + line)
                .collect(Collectors.joining("\n"));
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private static boolean isSame(Path one, Path other) throws IOException {
        return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    }

    private static List<Path> estimatesIn(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of();
        }
        try (Stream<Path> runs = Files.list(place)) {
            return runs.map(run -> run.resolve(EstimateCheck.ESTIMATE))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }

    private static void read(Path file, List<Written> written, List<String> told) {
        try {
            written.add(new Written(file, EstimatesJson.read(file)));
        } catch (EstimateFormatException wrong) {
            told.add(wrong.getMessage() + ". It was left out.");
        } catch (IOException unreadable) {
            told.add(file + " cannot be read: " + unreadable.getMessage() + ". It was left out.");
        }
    }
}
