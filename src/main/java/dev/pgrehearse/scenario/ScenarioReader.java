package dev.pgrehearse.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Reads scenario files: YAML with positions, {@code extends}, the command line's overrides, the JSON Schema, and what a
 * schema cannot say. Stateless; safe from several threads.
 */
public final class ScenarioReader {
    private ScenarioReader() {}

    /**
     * The scenario in a file, checked and resolved.
     *
     * @param fileOrDirectory a file, or a directory that means its {@code scenario.yaml}
     * @param overrides what the command line changes
     * @throws ScenarioMistakes when anything is wrong, with everything that is; files that cannot be read or are not
     *     YAML end the reading before the rest is checked
     */
    public static Scenario read(Path fileOrDirectory, Overrides overrides) throws ScenarioMistakes {
        Mistakes mistakes = new Mistakes();
        Part.Mapping written = new ScenarioFiles(mistakes).read(fileOrDirectory);
        if (written == null) {
            mistakes.throwIfAny();
            throw new IllegalStateException("a scenario was not read, but no mistake was noted");
        }
        Path directory = ScenarioFiles.directoryOf(ScenarioFiles.fileOf(fileOrDirectory));
        Scope scope = Scope.of(new OverridesApplier(directory, mistakes).apply(written, overrides), mistakes);
        ScenarioSchema schema = new ScenarioSchema();
        schema.check(scope);

        SqlFiles files = new SqlFiles();
        ConditionsReader conditionsReader = new ConditionsReader(files);
        Conditions conditions = conditionsReader.read(scope.root());
        List<Variant> variants = new VariantsReader(files, schema, conditionsReader).read(scope, conditions);
        mistakes.throwIfAny();

        ObjectNode document = scope.document().toJson();
        return new Scenario(
                scope.root().at("name").text(),
                scope.root().at("description").text(),
                directory,
                conditions,
                variants,
                digest(document, files),
                new Places(scope.document()),
                document);
    }

    /** The document, then each file by its length and bytes: in whichever directory they are, the digest is the same. */
    private static String digest(ObjectNode document, SqlFiles files) {
        MessageDigest sha = DigestUtils.getSha256Digest();
        sha.update(document.toString().getBytes(StandardCharsets.UTF_8));
        for (byte[] bytes : files.contents().values()) {
            sha.update(ByteBuffer.allocate(Long.BYTES).putLong(0, bytes.length));
            sha.update(bytes);
        }
        return HexFormat.of().formatHex(sha.digest());
    }
}
