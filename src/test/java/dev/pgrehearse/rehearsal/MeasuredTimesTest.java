package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.StopSpec;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MeasuredTimesTest {
    private static final StopSpec HALF = new StopSpec.OfVariant(0.5, "as-written");

    private final MeasuredTimes times = new MeasuredTimes();

    @Test
    void ofAnExpectedDurationIsArithmetic() throws IOException {
        assertThat(times.of(new StopSpec.After(Duration.ofSeconds(10)))).isEqualTo(Duration.ofSeconds(10));
        assertThat(times.of(new StopSpec.OfExpected(0.25, Duration.ofSeconds(60))))
                .isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void ofAVariantIsAShareOfItsLastDuration() throws IOException {
        times.add("as-written", lasting(8_000, "ok"));
        times.add("as-written", lasting(10_000, "ok"));
        times.add("as-written", lasting(70_000, "failed"));

        assertThat(times.of(HALF)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void ofAVariantThatFailedSaysSo() {
        times.add("as-written", lasting(8_000, "failed"));

        assertThatThrownBy(() -> times.of(HALF))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at 50% of as-written")
                .hasMessageContaining("its migration ended as failed")
                .hasMessageContaining("`expected:` in place of `of:`");
    }

    private static Recording lasting(double durationMs, String outcome) {
        return Edited.of(SampleRecordings.asWritten())
                .set("/migration/durationMs", Double.toString(durationMs))
                .set("/migration/outcome", '"' + outcome + '"')
                .recording();
    }
}
