package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Facts by kind, so that nobody goes through a million of them for a few. Immutable; the order within a kind is kept. */
final class Facts {
    private final Map<Class<?>, List<Fact>> byKind = new HashMap<>();

    private final List<Fact> inOrder;

    Facts(List<Fact> facts) {
        this.inOrder = List.copyOf(facts);
        facts.forEach(fact -> byKind.computeIfAbsent(fact.getClass(), kind -> new ArrayList<>())
                .add(fact));
    }

    /** All of them, in order. */
    List<Fact> all() {
        return inOrder;
    }

    /** Those of a kind, in order. */
    @SuppressWarnings("unchecked")
    <T extends Fact> List<T> all(Class<T> kind) {
        return (List<T>) Collections.unmodifiableList(byKind.getOrDefault(kind, List.of()));
    }

    /** The last of a kind. */
    <T extends Fact> Optional<T> last(Class<T> kind) {
        List<T> found = all(kind);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
    }
}
