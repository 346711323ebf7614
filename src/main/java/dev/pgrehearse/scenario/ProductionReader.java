package dev.pgrehearse.scenario;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.ProfileJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** Reads a workload that is production's: the profile's traffic, and what the scenario adds to it. */
final class ProductionReader {
    private static final String EXPECTED =
            "a profile of a database with pg_stat_statements, as `pgrehearse profile` writes it";

    private final Cursor workload;

    ProductionReader(Cursor workload) {
        this.workload = workload;
    }

    /** What is named; null when it cannot be used, which is then noted. */
    WorkloadSpec.@Nullable FromProfile read() {
        Cursor at = workload.at("fromProfile");
        double coverage = workload.at("coverage").share("95%");
        Path path;
        try {
            path = at.directory().resolve(at.text()).normalize();
        } catch (InvalidPathException e) {
            at.mistake("the path of a profile", null);
            return null;
        }
        String problem =
                Files.exists(path) ? FileNames.unreadable(path) : "no file " + Mistakes.quoted(path.toString());
        if (problem != null) {
            at.mistake(problem, EXPECTED, FileNames.nearestTo(path));
            return null;
        }
        try {
            Profile profile = ProfileJson.read(path);
            Profile.Traffic traffic = profile.traffic();
            if (traffic == null || calls(traffic) == 0) {
                at.mistake("a profile without traffic", EXPECTED, null);
                return null;
            }
            return new WorkloadSpec.FromProfile(
                    path,
                    profile,
                    DigestUtils.sha256Hex(Files.readAllBytes(path)),
                    coverage,
                    !workload.at("rate").isPresent(),
                    transactions(traffic));
        } catch (IOException e) {
            at.mistake(String.valueOf(e.getMessage()), EXPECTED, null);
            return null;
        }
    }

    private static long calls(Profile.Traffic traffic) {
        return traffic.statements().stream()
                .mapToLong(Profile.TrafficStatement::calls)
                .sum();
    }

    /** Calls per second: of the window, else since the counters were reset; empty when nobody knows. */
    static OptionalDouble ratePerSecond(Profile profile) {
        Profile.Traffic traffic = profile.traffic();
        if (traffic == null) {
            return OptionalDouble.empty();
        }
        double inWindow = traffic.statements().stream()
                .map(Profile.TrafficStatement::callsPerSecond)
                .mapToDouble(rate -> rate == null ? 0 : rate)
                .sum();
        if (inWindow > 0) {
            return OptionalDouble.of(inWindow);
        }
        String since = traffic.since();
        if (since == null) {
            return OptionalDouble.empty();
        }
        double seconds = Duration.between(Instant.parse(since), Instant.parse(profile.takenAt()))
                        .toMillis()
                / 1e3;
        return seconds > 0 ? OptionalDouble.of(calls(traffic) / seconds) : OptionalDouble.empty();
    }

    private Map<String, List<String>> transactions(Profile.Traffic traffic) {
        Map<String, List<String>> transactions = new LinkedHashMap<>();
        workload.at("transactions").entries().forEach((name, at) -> {
            List<String> statements = new ArrayList<>();
            for (Cursor beginning : at.items()) {
                String wanted = plain(beginning.text());
                List<String> found = traffic.statements().stream()
                        .map(Profile.TrafficStatement::sql)
                        .filter(sql -> plain(sql).startsWith(wanted))
                        .toList();
                if (found.size() != 1) {
                    beginning.mistake(
                            "the beginning of " + (found.isEmpty() ? "none" : String.valueOf(found.size()))
                                    + " of the profile's statements",
                            "the beginning of one statement alone",
                            null);
                } else {
                    statements.add(found.get(0));
                }
            }
            transactions.put(name, List.copyOf(statements));
        });
        return Collections.unmodifiableMap(transactions);
    }

    private static String plain(String sql) {
        return sql.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }
}
