package dev.pgrehearse.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileJsonTest {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Profile profile = SampleProfiles.whole();
    private final String json = ProfileJson.write(profile);

    @Test
    void readsWhatItWroteAndNobodyElseMay(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("shop.profile.json");
        ProfileJson.write(profile, file);
        assertThat(ProfileJson.read(file)).isEqualTo(profile);
        assertThat(Files.readString(file)).isEqualTo(json);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void matchesTheSchemaWhichKnowsEveryField() throws IOException {
        JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(Path.of("docs/profile.schema.json")));
        JsonNode tree = mapper.readTree(json);
        assertThat(schema.validate(tree)).isEmpty();
        ObjectNode more = tree.deepCopy();
        ((ObjectNode) more.at("/tables/0/columns/0")).put("surprise", 1);
        assertThat(schema.validate(more)).hasSize(1);
        ObjectNode less = tree.deepCopy();
        ((ObjectNode) less.at("/surroundings")).remove("standbys");
        assertThat(schema.validate(less)).hasSize(1);
        ObjectNode wrong = tree.deepCopy();
        ((ObjectNode) wrong.at("/tables/0")).put("allVisibleShare", 1.5);
        assertThat(schema.validate(wrong)).hasSize(1);
    }

    @Test
    void aNewerFormatAndNoProfileAreRefusedByName() {
        assertThatThrownBy(() -> ProfileJson.read(json.replace("profile/1", "profile/2")))
                .isInstanceOf(ProfileFormatException.class)
                .hasMessageContaining("written by a newer pgrehearse; expected pgrehearse-profile/1");
        assertThatThrownBy(() -> ProfileJson.read("{}"))
                .isInstanceOf(ProfileFormatException.class)
                .hasMessageContaining("not a profile of pgrehearse");
    }

    @Test
    void whatIsUnknownMissingNullOrOfAnotherTypeIsRefusedWithItsPlace() {
        String unknown = json.replace("\"fillFactor\" :", "\"surprise\" : 1,\n\"fillFactor\" :");
        long line = unknown.substring(0, unknown.indexOf("surprise")).lines().count();
        assertThatThrownBy(() -> ProfileJson.read(unknown))
                .hasMessageContaining("line " + line + ", column ")
                .hasMessageContaining("tables[0].surprise");
        assertThatThrownBy(() -> ProfileJson.read(json.replaceFirst("\"pages\" : 5,", "")))
                .hasMessageContaining("pages");
        assertThatThrownBy(() -> ProfileJson.read(json.replaceFirst("\"pages\" : 5,", "\"pages\" : null,")))
                .hasMessageContaining("tables[0].pages");
        assertThatThrownBy(() -> ProfileJson.read(json.replaceFirst("\"pages\" : 5,", "\"pages\" : \"5\",")))
                .hasMessageContaining("tables[0].pages");
        assertThatThrownBy(() -> ProfileJson.read(json.replaceFirst("\"kind\" : \"r\"", "\"kind\" : null")))
                .hasMessageContaining("tables[0].kind is null");
        assertThatThrownBy(() -> ProfileJson.read(json + "{}")).isInstanceOf(ProfileFormatException.class);
    }

    @Test
    void halfAFileIsRefusedWithLineAndColumnAndWithoutItsText(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("half.json");
        Files.writeString(file, json.substring(0, json.length() / 2));
        assertThatThrownBy(() -> ProfileJson.read(file))
                .isInstanceOf(ProfileFormatException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("line ")
                .hasMessageContaining("column ")
                .hasMessageContaining("Take the profile again");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nullShare|1.5|nullShare is 1.5, expected 0 to 1",
                "correlation|-3|correlation is -3.0, expected -1 to 1",
                "averageWidth|-1|averageWidth is -1, expected 0 or more",
                "fillFactor|5|fillFactor is 5, expected 10 to 100",
                "allVisibleShare|2|allVisibleShare is 2.0, expected 0 to 1",
                "deadRows|-7|deadRows is -7, expected 0 to"
            })
    void figuresThatNoDatabaseHasAreRefused(String field, String figure, String message) {
        String edited = json.replaceFirst("\"" + field + "\" : -?[0-9.E]+", "\"" + field + "\" : " + figure);

        assertThatThrownBy(() -> ProfileJson.read(edited))
                .isInstanceOf(ProfileFormatException.class)
                .hasMessageContaining(message);
    }
}
