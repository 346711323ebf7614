package dev.pgrehearse.cli;

import dev.pgrehearse.ladder.Target;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.ProfileFormatException;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.scenario.NearestName;
import dev.pgrehearse.scenario.ProfiledSpec;
import dev.pgrehearse.scenario.Quantities;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads from the command line which rows an estimate is for. */
final class EstimateTarget {
    private EstimateTarget() {}

    /**
     * What the command line asks for. Tables that nobody named grow with the named ones: by the largest factor among them,
     * from their rows in the scenario's size.
     *
     * @param size rows by table in the scenario's size
     * @param texts each {@code table=rows}, or several with commas between
     * @param profile that tells the rows of all tables; null without one
     * @throws WrongInput with every mistake
     */
    static Target of(Map<String, Long> size, List<String> texts, @Nullable Path profile) {
        List<String> mistakes = new ArrayList<>();
        Map<String, Long> named = new LinkedHashMap<>();
        for (String text : texts) {
            for (String part : text.split(",", -1)) {
                read(part.strip(), size, named, mistakes);
            }
        }
        if (!mistakes.isEmpty()) {
            throw new WrongInput(String.join("\n", mistakes));
        }
        Set<String> asked = Set.copyOf(named.keySet());
        if (profile != null) {
            profiled(profile, size).forEach(named::putIfAbsent);
        }
        double factor = named.entrySet().stream()
                .mapToDouble(table -> (double) table.getValue() / Math.max(1, size.getOrDefault(table.getKey(), 1L)))
                .max()
                .orElse(1);
        Map<String, Long> rows = new LinkedHashMap<>();
        size.forEach((table, count) -> rows.put(table, named.getOrDefault(table, ProfiledSpec.scaled(count, factor))));
        return new Target(rows, asked);
    }

    private static void read(String text, Map<String, Long> size, Map<String, Long> named, List<String> mistakes) {
        int equals = text.indexOf('=');
        String table = equals < 0 ? text : text.substring(0, equals);
        Long count = equals < 0 ? null : Quantities.count(text.substring(equals + 1));
        if (count == null || count == 0) {
            mistakes.add("--target: found `" + text + "`, expected a table and its rows, such as orders=50M");
        } else if (!size.containsKey(table)) {
            String nearest = NearestName.of(table, size.keySet());
            mistakes.add("--target " + text + ": the scenario fills no table " + table + "; it fills "
                    + String.join(", ", size.keySet()) + (nearest == null ? "" : "; did you mean `" + nearest + "`?"));
        } else {
            named.put(table, count);
        }
    }

    private static Map<String, Long> profiled(Path file, Map<String, Long> size) {
        try {
            Profile profile = ProfileJson.read(file);
            Map<String, Long> rows = new LinkedHashMap<>();
            for (Profile.Table table : profile.tables()) {
                String name = table.schema().equals("public") ? table.name() : table.schema() + "." + table.name();
                if (size.containsKey(name) && table.rows() >= 1) {
                    rows.put(name, Math.round(table.rows()));
                }
            }
            if (rows.isEmpty()) {
                throw new WrongInput(
                        "--profile " + file + " has none of the scenario's tables with rows in it; the scenario fills "
                                + String.join(", ", size.keySet()));
            }
            return rows;
        } catch (ProfileFormatException wrong) {
            throw new WrongInput(wrong);
        } catch (IOException unreadable) {
            throw new WrongInput("--profile " + file + " cannot be read: " + unreadable.getMessage());
        }
    }
}
