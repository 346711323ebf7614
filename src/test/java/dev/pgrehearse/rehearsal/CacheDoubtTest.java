package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.dataset.CacheState;
import dev.pgrehearse.recording.Recording;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheDoubtTest {
    @Test
    void isNoneWhenEverythingIsInTheBuffers() {
        assertThat(CacheDoubt.of(new CacheState(CacheState.Method.PREWARMED, Map.of("orders", 1.0), 0.5)))
                .isEmpty();
    }

    @Test
    void isNoneWhenTheBuffersAreFullOfDataThatAreLarger() {
        assertThat(CacheDoubt.of(new CacheState(CacheState.Method.PREWARMED, Map.of("orders", 0.4), 0.9)))
                .isEmpty();
    }

    @Test
    void namesTablesThatAreNotWarmThoughThereIsRoom() {
        assertThat(CacheDoubt.of(new CacheState(CacheState.Method.PREWARMED, Map.of("orders", 0.4), 0.5)))
                .map(Recording.Doubt::text)
                .hasValueSatisfying(text -> assertThat(text).contains("orders 40 %"));
    }

    @Test
    void saysThatColdIsNotColdForTheOperatingSystem() {
        assertThat(CacheDoubt.of(new CacheState(CacheState.Method.LEFT_COLD, Map.of(), 0)))
                .isPresent();
    }

    @Test
    void saysThatIndexesWereNotRead() {
        assertThat(CacheDoubt.of(new CacheState(CacheState.Method.SCANNED, Map.of("orders", 1.0), 0.5)))
                .isPresent();
    }
}
