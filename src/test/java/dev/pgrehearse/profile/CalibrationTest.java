package dev.pgrehearse.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.Calibration.Reads;
import dev.pgrehearse.profile.Calibration.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
    @Test
    void aProbeTellsItsMedianAndHowFarRepeatsAreApart() {
        Probe probe = Probe.of(Kind.CPU, Map.of(), List.of(3.0, 1.0, 2.0), null);
        assertThat(probe.median()).isEqualTo(2.0);
        assertThat(probe.spread()).isEqualTo(1.0);
        assertThat(Probe.of(Kind.CPU, Map.of(), List.of(4.0, 1.0, 2.0, 3.0), null)
                        .median())
                .isEqualTo(2.5);
    }

    @ParameterizedTest
    @CsvSource({
        // All but 1 % in the server's own memory, whatever that took.
        "90, 2, 0.99, 80, SHARED_BUFFERS",
        // The server says how long it waited: longer than any memory takes, or shorter than any disk.
        "3, 2, 0.5, 25, DISK",
        "9, 2, 0.5, 3, SYSTEM_CACHE",
        // It does not, or what it says fits both: the first time is held against the second.
        "4, 2, 0.5, , DISK",
        "3.9, 2, 0.5, , UNKNOWN",
        "2.51, 2, 0.5, , UNKNOWN",
        "2.5, 2, 0.5, , SYSTEM_CACHE",
        "4, 2, 0, 10, DISK",
        "2, 2, 0, 10, SYSTEM_CACHE"
    })
    void whereBlocksCameFromIsToldOrUnknown(
            double first, double again, double buffersShare, Double ioMicros, Source expected) {
        assertThat(Reads.of(first, List.of(again), buffersShare, ioMicros).source())
                .isEqualTo(expected);
    }

    @Test
    void whatABlockCostsForNotBeingInMemoryIsNeverNegative() {
        assertThat(SampleCalibrations.reading(Kind.SEQUENTIAL_READ, 90, 10).fetchMicros())
                .isEqualTo(80);
        assertThat(SampleCalibrations.reading(Kind.SEQUENTIAL_READ, 9, 10).fetchMicros())
                .isEqualTo(0);
        assertThat(SampleCalibrations.probe(Kind.CPU, 1).fetchMicros()).isNull();
    }

    @Test
    void aProfileKeepsItAndMatchesItsSchema() throws Exception {
        Calibration calibration = SampleCalibrations.with(
                SampleCalibrations.here(),
                Probe.unknown(Kind.SORT_IN_FILES, Map.of("work_mem", "4MB"), "There was no room."));
        Profile profile = SampleCalibrations.profile(calibration);
        String json = ProfileJson.write(profile);
        assertThat(ProfileJson.read(json)).isEqualTo(profile);
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/profile.schema.json")))
                        .validate(new ObjectMapper().readTree(json)))
                .isEmpty();
        Probe read =
                ProfileJson.read(json).calibration().probe(Kind.SEQUENTIAL_READ).orElseThrow();
        assertThat(read.reads()).isNotNull();
        assertThat(read.reads().againMedian()).isCloseTo(2, within(1e-9));
    }

    @Test
    void aProfileOfBeforeThereWereAnyIsRead() throws Exception {
        Profile profile = SampleProfiles.whole();
        ObjectNode old = (ObjectNode) new ObjectMapper().readTree(ProfileJson.write(profile));
        assertThat(old.has("calibration")).isTrue();
        old.remove("calibration");
        assertThat(ProfileJson.read(old.toString())).isEqualTo(profile);
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/profile.schema.json")))
                        .validate(old))
                .isEmpty();
    }

    @Test
    void probesOfAnotherVersionAreRefusedByName() {
        String json = ProfileJson.write(SampleCalibrations.profile(SampleCalibrations.here()))
                .replace("pgrehearse-calibration/1", "pgrehearse-calibration/2")
                .replace("\"seconds\" : 9.5", "\"duration\" : 9.5");
        assertThatThrownBy(() -> ProfileJson.read(json))
                .isInstanceOf(ProfileFormatException.class)
                .hasMessageContaining("pgrehearse-calibration/2")
                .hasMessageContaining("expected pgrehearse-calibration/1")
                .hasMessageContaining("--calibrate");
    }

    @Test
    void figuresThatNoMachineHasAreRefused() {
        String json = ProfileJson.write(SampleCalibrations.profile(SampleCalibrations.here()))
                .replaceFirst("\"median\" : 0.1", "\"median\" : -1");
        assertThatThrownBy(() -> ProfileJson.read(json)).hasMessageContaining("calibration CPU: median is -1.0");
    }
}
