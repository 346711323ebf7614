package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Source.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a scenario's values were written: for those who find later, on a server, that one of them is wrong. Immutable.
 */
public final class Places {
    private final Part.Mapping document;

    Places(Part.Mapping document) {
        this.document = document;
    }

    /**
     * The place of a value as a variant sees it, for a message: {@code scenario.yaml:31:12: workload.rate}, or
     * {@code --set workload.rate=1/s: workload.rate}. Of a value that nobody wrote it is that of the nearest one above.
     *
     * @param variant the name of the variant whose {@code with:} may have changed it
     * @param path keys and list indexes
     */
    public String of(String variant, List<String> path) {
        List<String> changed = new ArrayList<>(List.of("migration", "variants", variant, "with"));
        changed.addAll(path);
        List<String> full = document.at(changed) == null ? path : List.copyOf(changed);
        Place place = nearest(full);
        String file = place.source().name();
        return (place.line() > 0 ? file + ":" + place.line() + ":" + place.column() : file) + ": "
                + PathText.print(full);
    }

    private Place nearest(List<String> path) {
        for (int length = path.size(); length > 0; length--) {
            Part part = document.at(path.subList(0, length));
            if (part != null) {
                return part.place();
            }
        }
        return document.place();
    }
}
