package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.AdversarySpec.Kind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The adversaries that every migration meets one day, planted one at a time.
 *
 * @param table what the long read and the idle transaction hold on to; null for one that the migration names
 * @param lasts how long each one stays
 */
public record StandardAdversaries(@Nullable String table, Duration lasts) {
    /** The name of the rehearsal without any. */
    public static final String QUIET = "quiet";

    /** Their names in the order of rehearsal; also the keys of {@code expectUnder}. */
    public static final List<String> NAMES = List.of(QUIET, "long-read", "idle-transaction", "dump", "old-snapshot");

    /** In a rehearsal's id between the variant's name and the adversary's; no variant has it in its name. */
    public static final String UNDER = "@";

    /** As {@code adversaries: standard} without more. */
    public static final StandardAdversaries DEFAULT = new StandardAdversaries(null, Duration.ofSeconds(60));

    /** How long before the migration each one is planted. */
    static final Duration STARTS_BEFORE = Duration.ofSeconds(5);

    /** What an old snapshot holds on to: there in every database, and never touched by a migration. */
    static final String UNTOUCHED = "pg_catalog.pg_am";

    /**
     * What is planted, by the rehearsal's name, in {@linkplain #NAMES this order}.
     *
     * @param target the table for those that hold on to one
     */
    public Map<String, List<AdversarySpec>> planted(String target) {
        Map<String, List<AdversarySpec>> planted = new LinkedHashMap<>();
        planted.put(QUIET, List.of());
        planted.put("long-read", List.of(standing(Kind.LONG_READ, target)));
        planted.put("idle-transaction", List.of(standing(Kind.IDLE_IN_TRANSACTION, target)));
        // Not the program: how long that takes differs from machine to machine, and from size to size.
        planted.put("dump", List.of(standing(Kind.DUMP, AdversarySpec.ALL_TABLES)));
        planted.put("old-snapshot", List.of(standing(Kind.OLD_SNAPSHOT, UNTOUCHED)));
        return planted;
    }

    private AdversarySpec standing(Kind kind, String target) {
        return new AdversarySpec(kind, target, null, STARTS_BEFORE, lasts);
    }
}
