package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Figures;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A second ladder, whose rungs were run with memory settings shrunk in proportion to their rows.
 *
 * @param statements the numbers of those that it was climbed for
 * @param settings what they were shrunk from and to, at its top rung; those of lower rungs are less in proportion
 * @param rungs the smallest first; sizes are those of the plain ladder. May be empty
 * @param obstacle why it is not long enough, in a whole sentence; null when it is
 */
public record ShrunkLadder(
        Set<Integer> statements,
        List<Setting> settings,
        List<Rung> rungs,
        @Nullable String obstacle) {
    public ShrunkLadder {
        statements = new TreeSet<>(statements);
        settings = List.copyOf(settings);
        rungs = List.copyOf(rungs);
    }

    /**
     * A setting.
     *
     * @param fromBytes what the server has
     * @param toBytes what the top rung had
     */
    public record Setting(String name, double fromBytes, double toBytes) {
        String inWords() {
            return name + " shrunk from " + Figures.bytes(fromBytes) + " to " + Figures.bytes(toBytes);
        }
    }

    /**
     * The ladder that was climbed.
     *
     * @param top what its top rung was run with; null when it has none
     */
    public static ShrunkLadder of(
            Shrinking shrinking, List<Rung> rungs, Shrinking.@Nullable Settings top, @Nullable String obstacle) {
        return new ShrunkLadder(
                shrinking.statements(), top == null ? List.of() : shrinking.inWords(top), rungs, obstacle);
    }

    static String inWords(List<Setting> settings) {
        return "from a ladder with " + settings.stream().map(Setting::inWords).collect(Collectors.joining(", "));
    }
}
