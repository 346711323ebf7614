package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.Calibration.Reads;
import dev.pgrehearse.profile.Calibration.Source;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One statement on another machine: the share of its duration in which a processor worked is scaled by what processors take
 * there, what it waited for blocks is replaced by what as many blocks take there, and the rest stays as it is. Used once.
 */
final class StatementScale {
    private static final List<Kind> COMPUTING = List.of(Kind.CPU, Kind.SORT_IN_MEMORY, Kind.SORT_IN_FILES);

    /** What no probe measures, and is more of it than that, makes any figure a guess. */
    static final double MOST_UNMEASURED = 0.5;

    /** Of that much one has to know. */
    private static final double WORTH_A_WORD = 0.1;

    /** Of a normal distribution, which nine of ten values are below. */
    private static final double QUANTILE = 1.28;

    private final StatementEstimate statement;
    private final Extrapolation duration;
    private final Bounds bounds;
    private final Calibration here;
    private final Calibration there;
    private final List<Factor> factors;
    private final List<String> notes = new ArrayList<>();

    StatementScale(
            StatementEstimate statement, Bounds bounds, Calibration here, Calibration there, List<Factor> factors) {
        this.statement = statement;
        this.duration = Objects.requireNonNull(statement.duration());
        this.bounds = bounds;
        this.here = here;
        this.there = there;
        this.factors = List.copyOf(factors);
    }

    ScaledStatement scaled() {
        boolean negligible = duration.central() <= StatementEstimate.NEGLIGIBLE_SECONDS;
        Double cpuSeconds = bounds.cpuSeconds();
        if (!negligible && (cpuSeconds == null || bounds.seconds() <= 0)) {
            return unknown(
                    "This machine does not tell how much of its time a processor worked for it, so what it is bound"
                            + " by is not known, and nothing can be scaled.");
        }
        Optional<Factor> computing = computing();
        if (computing.isEmpty()) {
            return unknown("No factor of a processor's work is known: "
                    + String.join(
                            " ",
                            factors.stream()
                                    .flatMap(factor -> factor.unknown().stream())
                                    .toList()));
        }
        double cpuShare = negligible || cpuSeconds == null ? 1 : Math.min(1, cpuSeconds / bounds.seconds());
        double waited = 1 - cpuShare;
        double fetchHere = negligible ? 0 : Math.min(waited, orZero(fetchShare(here, Source.DISK)));
        double other = waited - fetchHere;
        if (other > MOST_UNMEASURED) {
            return unknown("Of its time here it spent " + Figures.share(other)
                    + " waiting for something that read-only probes do not measure: writes to the disk, or a processor that"
                    + " others used. How long that takes there nobody can tell from these. Estimate on a quieter machine, if"
                    + " others were at work.");
        }
        Double fetchThere = negligible ? (Double) 0.0 : fetchShare(there, Source.DISK);
        if (!negligible) {
            note(other, fetchThere);
        }
        return answer(computing.get(), cpuShare, fetchHere, fetchThere, other);
    }

    private ScaledStatement answer(
            Factor computing, double cpuShare, double fetchHere, @Nullable Double fetchThere, double other) {
        double times = Objects.requireNonNull(computing.factor());
        double most = mostComputing();
        double fetch = fetchThere == null ? fetchHere : fetchThere;
        double factor = cpuShare * times + fetch + other;
        // Where nobody can tell whether blocks came from the disk, they may have.
        double perhaps = bounds.seconds() > 0 ? orZero(fetchShare(there, Source.UNKNOWN)) : 0;
        double upperFactor = (cpuShare * most + fetch * (1 + fetchSpread()) + perhaps + other * Math.max(1, most))
                * bounds.processes();
        return new ScaledStatement(
                statement.index(),
                duration.central() * factor,
                duration.upper() * Math.max(factor, upperFactor),
                factor,
                cpuShare,
                computing.probe(),
                fetchHere,
                fetchThere,
                other,
                List.of(),
                notes);
    }

    private ScaledStatement unknown(String why) {
        return ScaledStatement.unknown(statement.index(), List.of(why));
    }

    /** The probe that is most like what its processors did; another one, with a word, when that is unknown. */
    private Optional<Factor> computing() {
        Kind like = like();
        Optional<Factor> found = known(like);
        if (found.isPresent()) {
            return found;
        }
        Optional<Factor> instead =
                COMPUTING.stream().flatMap(kind -> known(kind).stream()).findFirst();
        instead.ifPresent(other -> notes.add("The factor of the probe that is most like it (" + like.words()
                + ") is not known, so that of another one was taken ("
                + other.probe().words() + ")."));
        return instead;
    }

    private Kind like() {
        if (bounds.temporary()) {
            return Kind.SORT_IN_FILES;
        }
        return switch (statement.operation()) {
            case INDEX_BUILD, CONCURRENT_BUILD -> Kind.SORT_IN_MEMORY;
            case CATALOGUE, REWRITE, SCAN, FOREIGN_KEY_CHECK, BULK_UPDATE, UNSEEN -> Kind.CPU;
        };
    }

    private Optional<Factor> known(Kind kind) {
        return factors.stream()
                .filter(factor -> factor.probe() == kind && factor.factor() != null)
                .findFirst();
    }

    /** The work is like no probe in all: so it may be as slow as the slowest of them. */
    private double mostComputing() {
        return COMPUTING.stream()
                .flatMap(kind -> known(kind).stream())
                .mapToDouble(factor -> Objects.requireNonNull(factor.factor())
                        * (1 + QUANTILE * Objects.requireNonNull(factor.error())))
                .max()
                .orElse(1);
    }

    /**
     * What fetching its blocks takes on a machine, by its duration here; null when that is unknown.
     *
     * @param from what counts, all else is in memory
     */
    private @Nullable Double fetchShare(Calibration machine, Source from) {
        double micros = 0;
        if (bounds.blocks() > 0) {
            Double block = fetchMicros(machine, Kind.SEQUENTIAL_READ, from);
            if (block == null) {
                return null;
            }
            micros += block * bounds.blocks();
        }
        if (bounds.looseBlocks() > 0) {
            Double key = fetchMicros(machine, Kind.RANDOM_READ, from);
            if (key == null) {
                return null;
            }
            micros += key * bounds.looseBlocks();
        }
        return micros / 1e6 / bounds.seconds();
    }

    /** Of a block that is in memory it is nothing, whatever the noise of both times. */
    private static @Nullable Double fetchMicros(Calibration machine, Kind kind, Source from) {
        Optional<Probe> probe = machine.probe(kind);
        Reads reads = probe.map(Probe::reads).orElse(null);
        if (reads == null) {
            return null;
        }
        return reads.source() == from ? probe.map(Probe::fetchMicros).orElse(null) : (Double) 0.0;
    }

    private double fetchSpread() {
        return there.probe(Kind.SEQUENTIAL_READ).map(Probe::spread).orElse(0.0);
    }

    private static double orZero(@Nullable Double share) {
        return share == null ? 0 : share;
    }

    private void note(double other, @Nullable Double fetchThere) {
        if (bounds.processes() > 1) {
            notes.add("Here " + Figures.plain(Math.round(bounds.processes() * 10) / 10.0)
                    + " processors worked for it at once. Whether as many are free there no probe can tell: the upper value"
                    + " holds for one.");
        }
        if (other > WORTH_A_WORD) {
            notes.add("Of its time here it spent " + Figures.share(other)
                    + " waiting for something that read-only probes do not measure (writes to the disk, or a processor that"
                    + " others used): that part is as it was here.");
        }
        if (bounds.blocks() + bounds.looseBlocks() == 0) {
            return;
        }
        if (fetchThere == null) {
            notes.add("How long blocks take to be fetched there is not known ("
                    + String.join(" ", unknownReads())
                    + "): it is taken to find them in memory as often as here. Where it does not, it takes longer, by an"
                    + " amount that is in no figure.");
        } else if (from() == Source.UNKNOWN) {
            notes.add(
                    "Whether the blocks that were read there came from memory or from the disk nobody can tell: the upper value"
                            + " has them from the disk.");
        } else if (from() != Source.DISK) {
            notes.add(
                    "The blocks that were read there were in memory, so its own are taken to be so. Where they are not, it"
                            + " takes longer.");
        }
    }

    private @Nullable Source from() {
        return there.probe(Kind.SEQUENTIAL_READ)
                .map(Probe::reads)
                .map(Reads::source)
                .orElse(null);
    }

    private List<String> unknownReads() {
        return there.probes().stream()
                .filter(probe -> probe.kind().reads() && probe.unknown() != null)
                .map(probe -> Objects.requireNonNull(probe.unknown()))
                .toList();
    }
}
