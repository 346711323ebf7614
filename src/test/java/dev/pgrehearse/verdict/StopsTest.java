package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopsTest {
    @Test
    void whatCleaningCouldNotDropIsNotCalledNothingToClean() {
        assertThat(cleaning("[\"parted_n\"]", "[\"parted_n\"]"))
                .isEqualTo("DROP INDEX CONCURRENTLY could drop none of the INVALID indexes."
                        + " Still INVALID at the end: parted_n.");
    }

    @Test
    void withNothingInvalidThereIsNothingToClean() {
        assertThat(cleaning("[]", "[]")).isEqualTo("There was no INVALID index to clean.");
    }

    /** The sentence on the cleaning, of a stop after which none was run. */
    private static String cleaning(String invalidAtTheStop, String invalidAtTheEnd) {
        Recording recording = Edited.of(SampleRecordings.asWritten())
                .set(
                        "/migration/stop",
                        "{\"atMs\": 25000, \"askedBy\": \"scenario\", \"endedMs\": 12, \"cleaningFrom\": null,"
                                + " \"cleaningMs\": null, \"leftovers\": " + leftovers(invalidAtTheStop) + "}")
                .set("/leftovers", leftovers(invalidAtTheEnd))
                .recording();
        List<String> words = Stops.inWords(recording);
        // When it was stopped, what was left, what became of its statements, the cleaning, and calm
        assertThat(words).hasSize(5);
        return words.get(3);
    }

    private static String leftovers(String invalid) {
        return "{\"invalidIndexes\": " + invalid + ", \"notValidConstraints\": [], \"other\": []}";
    }
}
