package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Recording.Doubt;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SilencesTest {
    private final List<Fact> facts = new ArrayList<>();
    private final Doubts doubts = new Doubts(facts::add, RehearsalClock.start());
    private final Silences silences = new Silences(doubts, "server-silent", "server");

    @Test
    void theFirstIsToldAtOnceAndThoseThatFollowInTheEnd() {
        doubts.baselineBegan(0);
        silent(1, 3.5);
        assertThat(told())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text())
                        .startsWith("The server gave the observer no answer for 2.5 s from 1.0 s on,"));
        silent(20, 23);
        silent(10, 14.5);
        assertThat(told()).hasSize(1);

        silences.report();
        assertThat(told())
                .extracting(Doubt::id, Doubt::text)
                .last()
                .isEqualTo(tuple(
                        "server-silent-in-all",
                        "The server gave the observer no answer 3 times in all, from 1.0 s to 23.0 s,"
                                + " for 4.5 s at most and 10.0 s together."));
    }

    @Test
    void whatSeveralProbesHeardIsOneSilence() {
        silent(1, 4);
        silent(1.2, 4.4);
        silences.report();
        assertThat(told()).extracting(Doubt::id).containsExactly("server-silent");

        silent(8, 11);
        silent(3, 8.5);
        silences.report();
        assertThat(told())
                .last()
                .satisfies(doubt -> assertThat(doubt.text())
                        .contains("no answer once in all", "for 10.0 s at most and 10.0 s together"));
    }

    @Test
    void twoSecondsAreNone() {
        silent(1, 3);
        silences.report();
        assertThat(told()).isEmpty();

        silent(1, 3.000_000_001);
        assertThat(told()).hasSize(1);
    }

    private void silent(double fromSeconds, double toSeconds) {
        silences.add(Math.round(fromSeconds * 1e9), Math.round(toSeconds * 1e9));
    }

    private List<Doubt> told() {
        return facts.stream().map(fact -> ((Fact.Doubted) fact).doubt()).toList();
    }
}
