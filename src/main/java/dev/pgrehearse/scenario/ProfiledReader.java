package dev.pgrehearse.scenario;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.ProfileJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** Reads what a dataset is made like. */
final class ProfiledReader {
    /** Keys of a dataset that mean nothing without {@code profile}. */
    static final String SCALE = "scale";

    private final Cursor dataset;

    ProfiledReader(Cursor dataset) {
        this.dataset = dataset;
    }

    /** The profile that is named; null when it cannot be used, which is then noted. */
    @Nullable
    ProfiledSpec read() {
        Cursor at = dataset.at("profile");
        if (dataset.at("sizes").isPresent()) {
            dataset.at("sizes")
                    .mistakeOfKey("`sizes` beside `profile`", "`scale`, a factor for the rows of the profile", null);
        }
        Cursor size = dataset.at("size");
        if (size.isPresent() && !size.text().equals(ProfiledSpec.SIZE)) {
            size.mistake("`" + ProfiledSpec.SIZE + "`, the only size of what is made like a profile", null);
        }
        double scale = dataset.at(SCALE).number("1").doubleValue();
        if (!(scale > 0)) {
            dataset.at(SCALE).mistake("a factor above 0, such as 0.1", null);
            scale = 1;
        }
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
            at.mistake(problem, "a profile, as `pgrehearse profile` writes it", FileNames.nearestTo(path));
            return null;
        }
        try {
            Profile profile = ProfileJson.read(path);
            if (profile.schema().sql().isBlank() && !dataset.at("schema").isPresent()) {
                dataset.at("schema")
                        .mistake(
                                "a profile without a schema ("
                                        + profile.schema().missing() + ")",
                                "`schema`, an SQL file that makes the profile's tables",
                                null);
            }
            return new ProfiledSpec(path, profile, DigestUtils.sha256Hex(Files.readAllBytes(path)), scale);
        } catch (IOException e) {
            at.mistake(String.valueOf(e.getMessage()), "a profile, as `pgrehearse profile` writes it", null);
            return null;
        }
    }

    /** Rows by table that holds rows itself. */
    static Map<String, Long> rows(ProfiledSpec spec) {
        Map<String, Long> rows = new LinkedHashMap<>();
        for (Profile.Table table : spec.profile().tables()) {
            if (!table.isPartitioned()) {
                rows.put(table.displayName(), ProfiledSpec.scaled(Math.round(Math.max(0, table.rows())), spec.scale()));
            }
        }
        return Collections.unmodifiableMap(rows);
    }

    /** All tables, partitioned ones included, by the names that a scenario may use. */
    static Set<String> names(ProfiledSpec spec) {
        Set<String> names = new LinkedHashSet<>();
        spec.profile().tables().forEach(table -> names.add(table.displayName()));
        return names;
    }
}
