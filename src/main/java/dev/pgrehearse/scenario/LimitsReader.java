package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Limits.ResponseLimit;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what the verdict holds a recording against, and fills in what a cautious DBA would pick. */
final class LimitsReader {
    private static final List<String> NAMES = List.of(
            "longestStall", "errorRate", "poolExhausted", "lockHeld", "lockWait", "duration", "standbyLag", "response");

    private static final Pattern MULTIPLE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)x baseline");

    private final Cursor limits;

    LimitsReader(Cursor limits) {
        this.limits = limits;
    }

    Limits read(Set<String> operations) {
        Set<String> defaulted = new LinkedHashSet<>(NAMES);
        defaulted.removeIf(name -> limits.at(name).isPresent());
        Map<String, ResponseLimit> single = new LinkedHashMap<>();
        limits.at("operations").entries().forEach((name, at) -> {
            if (!operations.contains(name)) {
                at.mistakeOfKey(
                        Mistakes.quoted(name) + ", which is no operation of the workload",
                        Words.oneOf(operations),
                        NearestName.of(name, operations));
            }
            single.put(name, response(at.at("p99"), "365d"));
        });
        return new Limits(
                limits.at("longestStall").duration("2s"),
                limits.at("errorRate").share("0.1%"),
                limits.at("poolExhausted").duration("1s"),
                limits.at("lockHeld").duration("10s"),
                limits.at("lockWait").duration("10s"),
                limits.at("duration").duration("30m"),
                limits.at("standbyLag").duration(Quantities.print(Limits.DEFAULT_STANDBY_LAG)),
                response(limits.at("response").at("p99"), "1s or 3x baseline"),
                Collections.unmodifiableMap(single),
                Collections.unmodifiableSet(defaulted));
    }

    private static ResponseLimit response(Cursor p99, String fallback) {
        return p99.value(
                fallback,
                LimitsReader::responseLimit,
                "a bound above 0 such as `250ms`, at least `1x baseline`, or `250ms or 3x baseline`");
    }

    private static @Nullable ResponseLimit responseLimit(String text) {
        Duration absolute = null;
        Double multiple = null;
        for (String bound : text.split(" or ", 2)) {
            Matcher matcher = MULTIPLE.matcher(bound);
            if (matcher.matches()) {
                multiple = Double.valueOf(matcher.group(1));
            } else {
                absolute = Quantities.duration(bound);
                if (absolute == null || absolute.isZero()) {
                    return null;
                }
            }
        }
        // Below the baseline's own p99 the limit would be broken before the migration starts.
        return multiple != null && multiple < 1 ? null : new ResponseLimit(absolute, multiple);
    }
}
