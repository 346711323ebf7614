package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.history.Samples;
import dev.pgrehearse.recording.RecordingJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EstimatesJsonTest {
    private static final ObjectMapper JSON = RecordingJson.mapper();
    private static final Estimates WRITTEN = Samples.written(
            Samples.estimate(Samples.known(1, Samples.INDEX, Operation.INDEX_BUILD, 12, 15), Samples.unknown(2, "x")));

    private static String json(Consumer<ObjectNode> change) throws Exception {
        ObjectNode tree = JSON.valueToTree(WRITTEN);
        change.accept(tree);
        return JSON.writeValueAsString(tree);
    }

    @Test
    void whatWasWrittenIsRead(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("estimate.json"), json(tree -> {}));
        assertThat(EstimatesJson.read(file)).isEqualTo(WRITTEN);
        Files.writeString(file, "no JSON");
        assertThatThrownBy(() -> EstimatesJson.read(file))
                .isInstanceOf(EstimateFormatException.class)
                .hasMessageStartingWith(file + ": this is not a whole estimate.json: ");
    }

    @Test
    void anEstimateFromBeforeAnyWasCheckedIsRead() throws Exception {
        assertThat(EstimatesJson.read(
                        json(tree -> ((ObjectNode) tree.at("/estimates/0/statements/0")).remove("errorsSeen"))))
                .isEqualTo(WRITTEN);
    }

    @Test
    void ofAnEstimateFromBeforeItsRoomWasEstimatedNothingIsKnownOfThat() throws Exception {
        assertThat(EstimatesJson.read(json(tree -> {
                    ((ObjectNode) tree.at("/estimates/0")).remove("space");
                    ((ObjectNode) tree.at("/estimates/0/statements/0")).remove("space");
                    ((ObjectNode) tree.at("/estimates/0/statements/0")).remove("shrunk");
                })))
                .isEqualTo(WRITTEN);
    }

    @Test
    void anEstimateFromBeforeThereWereBreakEvensHasNone() throws Exception {
        assertThat(EstimatesJson.read(json(tree -> ((ObjectNode) tree.at("/estimates/0")).remove("breakEven")))
                        .estimates()
                        .get(0)
                        .breakEven())
                .isEqualTo(BreakEven.NOT_ASKED);
    }

    @Test
    void buildsThatWereNotRunBesideTheWholeStatementAreNotTold() throws Exception {
        Estimates read = EstimatesJson.read(json(tree -> {
            ((ObjectNode) tree.at("/estimates/0")).remove("settings");
            ObjectNode keys = ((ObjectNode) tree.at("/estimates/0/statements/0")).putObject("keys");
            keys.put("indexes", 1)
                    .putObject("top")
                    .put("rows", 1)
                    .putArray("values")
                    .add(1.0);
            keys.putObject("target").put("rows", 10).putArray("values").add(10.0);
        }));
        assertThat(read).isEqualTo(WRITTEN);
        assertThat(read.estimates().get(0).statements().get(0).keys()).isNull();
    }

    @Test
    void anotherFormatIsRefused() {
        assertThatThrownBy(() -> EstimatesJson.read(json(tree -> tree.put("format", "pgrehearse-estimate/2"))))
                .isInstanceOf(EstimateFormatException.class)
                .hasMessageContaining("its \"format\" is \"pgrehearse-estimate/2\", not \"pgrehearse-estimate/1\"");
        assertThatThrownBy(() -> EstimatesJson.read("{}")).hasMessageContaining("its \"format\" is missing");
        assertThatThrownBy(() -> EstimatesJson.read("[]")).hasMessageContaining("its \"format\" is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"duration", "sql", "targetRows", "rungs"})
    void aFigureThatIsMissingIsNoZero(String field) {
        assertThatThrownBy(() -> EstimatesJson.read(
                        json(tree -> ((ObjectNode) tree.at("/estimates/0/statements/0")).remove(field))))
                .isInstanceOf(EstimateFormatException.class)
                .hasMessageContaining(field);
    }

    @Test
    void aTimeThatIsNoneIsRefused() {
        assertThatThrownBy(() -> EstimatesJson.read(json(tree -> tree.put("startedAt", "today"))))
                .isInstanceOf(EstimateFormatException.class)
                .hasMessageContaining("its startedAt is no time");
    }
}
