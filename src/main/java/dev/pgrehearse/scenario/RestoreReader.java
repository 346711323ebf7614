package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.DatasetSpec.CacheState;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a dataset is restored from. */
final class RestoreReader {
    /** Keys of a dataset that mean nothing without {@code restore}. */
    static final List<String> BESIDE = List.of("jobs", "mask");

    /** Keys of a dataset that mean nothing with it. */
    private static final List<String> IN_PLACE_OF = List.of("schema", "tables", "sizes", "profile", "scale");

    private final Cursor dataset;
    private final SqlFiles files;

    RestoreReader(Cursor dataset, SqlFiles files) {
        this.dataset = dataset;
        this.files = files;
    }

    DatasetSpec read(CacheState cache) {
        for (String key : IN_PLACE_OF) {
            if (dataset.at(key).isPresent()) {
                dataset.at(key)
                        .mistakeOfKey(
                                Mistakes.quoted(key) + " beside `restore`",
                                "one of them: tables and rows are those of what is restored",
                                null);
            }
        }
        Cursor size = dataset.at("size");
        if (size.isPresent() && !size.text().equals(RestoreSpec.SIZE)) {
            size.mistake("`" + RestoreSpec.SIZE + "`, the only size of what is restored", null);
        }
        Cursor mask = dataset.at("mask");
        SqlFiles.SqlFile masking = mask.isPresent() ? files.read(mask) : null;
        return new DatasetSpec(
                Path.of(""),
                Map.of(),
                Map.of(RestoreSpec.SIZE, Map.of()),
                RestoreSpec.SIZE,
                cache,
                new RestoreSpec(
                        source(dataset.at("restore")),
                        dataset.at("jobs").whole("2", 1, 64),
                        masking == null ? null : masking.path()),
                null);
    }

    private static RestoreSpec.Source source(Cursor at) {
        if (!at.isMapping()) {
            return new RestoreSpec.Dump(dump(at));
        }
        Cursor physical = at.at("physical");
        Cursor command = at.at("command");
        if (physical.isPresent() == command.isPresent()) {
            at.mistake(
                    physical.isPresent() ? "`physical` and `command`" : "neither `physical` nor `command`",
                    "one of them, or the path of what pg_dump made in place of the mapping",
                    null);
        }
        Cursor database = at.at("database");
        String name = database.isPresent() ? database.text() : null;
        return command.isPresent() ? filled(at, command, name) : new RestoreSpec.Physical(physical(physical), name);
    }

    private static RestoreSpec.Source filled(Cursor at, Cursor command, @Nullable String database) {
        if (!command.text().contains(RestoreSpec.DIRECTORY)) {
            command.mistake(
                    "a shell command with " + RestoreSpec.DIRECTORY + " where the path of the data directory belongs",
                    null);
        }
        if (!at.at("version").isPresent()) {
            at.mistake(
                    "a `command` without a `version`",
                    "`version: …` beside it, which names the state that it restores: what is kept of another version"
                            + " is not used",
                    null);
        }
        return new RestoreSpec.Filled(command.text(), at.at("version").text(), database);
    }

    private static Path dump(Cursor at) {
        Path path = existing(at, "what pg_dump made");
        if (Files.isDirectory(path.resolve("global"))) {
            at.mistake(
                    Mistakes.quoted(at.text()) + ", which is a data directory",
                    "what pg_dump made, or `restore: { physical: " + at.text() + " }`",
                    null);
        } else if (Files.isDirectory(path) && Files.notExists(path.resolve("toc.dat"))) {
            at.mistake(
                    Mistakes.quoted(at.text()) + ", a directory without toc.dat",
                    "a directory that `pg_dump --format=directory` made",
                    null);
        }
        return path;
    }

    private static Path physical(Cursor at) {
        Path path = existing(at, "a directory or a tar file");
        if (Files.isDirectory(path) && Files.notExists(path.resolve("PG_VERSION"))) {
            boolean tars = Files.exists(path.resolve("base.tar"))
                    || Files.exists(path.resolve("base.tar.gz"))
                    || Files.exists(path.resolve("base.tar.zst"));
            at.mistake(
                    Mistakes.quoted(at.text()) + ", a directory without PG_VERSION",
                    tars ? "the base.tar in it" : "a data directory of PostgreSQL",
                    null);
        }
        return path;
    }

    /** The path that stands there, noted as a mistake when nothing readable is at it. */
    private static Path existing(Cursor at, String expected) {
        Path path;
        try {
            path = at.directory().resolve(at.text()).normalize();
        } catch (InvalidPathException e) {
            at.mistake("the path of " + expected, null);
            return Path.of("");
        }
        if (at.isPresent() && Files.notExists(path)) {
            at.mistake("no " + Mistakes.quoted(path.toString()), expected, FileNames.nearestTo(path));
        } else if (at.isPresent() && !Files.isReadable(path)) {
            at.mistake(
                    Mistakes.quoted(path.toString()) + ", which this account may not read",
                    expected + " that it may read",
                    null);
        }
        return path;
    }
}
