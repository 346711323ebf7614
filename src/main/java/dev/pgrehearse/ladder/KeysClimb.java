package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.KeysAlone;
import dev.pgrehearse.estimate.KeysChoice;
import dev.pgrehearse.estimate.KeysWanted;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.Shrinking;
import dev.pgrehearse.estimate.Shrinking.CannotShrink;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds the indexes of statements that sort, and checks foreign keys, over their columns alone, at the top rung's size and at the
 * target's: the part of a statement that no curve foretells, measured where it counts. Used once, by one thread.
 */
final class KeysClimb {
    /** Runs over the columns alone and of the whole, in turn, at the top rung's size. */
    private static final int PAIRS = 5;

    private static final int LEAST_PAIRS = 3;

    /** Where they differ from one another. */
    private static final int MOST_PAIRS = 9;

    /** What the target's size is thought to take at most, by what the top rung's took. */
    private static final double MARGIN = 1.3;

    /** Of the top rung's rows: what is the same at each size shows between the two. */
    private static final int LESS = 4;

    /** Of the top rung's size: so much of a run grows with it at least, whatever the noise of two single ones says. */
    private static final double LEAST_SHARE = 0.2;

    private static final String OWN_SCRIPT = "its own script failed. ";

    private final Site site;
    private final Variant variant;
    private final Estimator.Question question;
    private final int repeat;
    private boolean interrupted;

    /**
     * At a site.
     *
     * @param repeat runs of the target's size, at most
     */
    KeysClimb(Site site, Estimator.Question question, int repeat) {
        this.site = site;
        this.variant = site.variant();
        this.question = question;
        this.repeat = repeat;
    }

    /** Whether somebody stopped it. */
    boolean interrupted() {
        return interrupted;
    }

    /**
     * Builds them, the statement first that takes longest. What fails here, or is stopped, spoils no
     * estimate: it is done without.
     *
     * @param rungs the plain ones, the smallest first; at least one
     * @param shrunk null when none was climbed
     * @param largest what the top rung took with all its runs
     * @param budget that is left
     */
    KeysAlone climb(List<Rung> rungs, @Nullable ShrunkLadder shrunk, Duration largest, Duration budget) {
        long began = System.nanoTime();
        KeysChoice choice = KeysChoice.of(question, rungs, shrunk);
        Map<Integer, KeysAlone.Builds> builds = new HashMap<>();
        Map<Integer, String> missing = new HashMap<>();
        choice.not().forEach((statement, why) -> missing.put(statement, sentence(why)));
        int done = 0;
        for (KeysWanted wanted : choice.wanted()) {
            try {
                if (interrupted) {
                    throw new NotBuilt("it was interrupted");
                }
                List<Rung> ladder = shrunk != null && wanted.shrunk() ? shrunk.rungs() : rungs;
                Rung rung = ladder.get(ladder.size() - 1);
                Duration once =
                        largest.dividedBy(rungs.get(rungs.size() - 1).runs().size());
                Top top = wanted.shrunk()
                        ? Top.shrunk(rung, Shrinking.of(question, rungs).at(rung.rows()), once)
                        : new Top(rung.rows(), last(rung), Map.of(), Map.of(), once);
                Left left = new Left(began, budget, choice.wanted().size() - done);
                left.mustHold(largest);
                builds.put(wanted.statement(), builds(wanted, top, left));
            } catch (NotBuilt | CannotShrink | IOException why) {
                missing.put(wanted.statement(), sentence(String.valueOf(why.getMessage())));
            } catch (RehearsalMistakes refused) {
                missing.put(wanted.statement(), sentence(String.join(" ", refused.mistakes())));
            }
            done++;
        }
        return new KeysAlone(builds, missing);
    }

    /** Sizes, order and company of such values are those of whole tables. */
    static boolean isLikeAProfile(Variant variant) {
        return variant.conditions().dataset().profile() != null;
    }

    private static String sentence(String why) {
        String words = why.strip().replaceAll("\\s+", " ");
        return "It was not measured over its columns alone: " + words + (words.endsWith(".") ? "" : ".");
    }

    /** Why there are none, the end of a sentence. */
    private static final class NotBuilt extends Exception {
        private static final long serialVersionUID = 1L;

        NotBuilt(String message) {
            super(message);
        }
    }

    /**
     * What is left of a budget.
     *
     * @param statements that are to share it
     */
    private record Left(long began, Duration budget, int statements) {
        Duration now() {
            return budget.minusNanos(System.nanoTime() - began);
        }

        /** The same when so much of it is for something else. */
        Left without(Duration some) {
            return new Left(began, budget.minus(some), statements);
        }

        /** So many repeats of what took so long leave their share to the other statements. */
        int repeats(Duration took, int most) {
            long repeats = now().dividedBy(statements).toMillis() / Math.max(1, took.toMillis());
            return (int) Math.max(0, Math.min(most, repeats));
        }

        void mustHold(Duration expected) throws NotBuilt {
            if (now().compareTo(expected) < 0) {
                throw new NotBuilt("the budget left " + Figures.duration(Math.max(0.0, (double) now().toMillis()))
                        + ", and that was thought to take " + Figures.duration((double) expected.toMillis()));
            }
        }
    }

    /**
     * How the top rung of the estimate's ladder was run.
     *
     * @param whole one of its runs
     * @param settings that were shrunk, by name
     * @param workers that index builds got there, by table; empty for what PostgreSQL gives
     * @param once what one run of it took, with all around it
     */
    private record Top(
            Map<String, Long> rows,
            Recording whole,
            Map<String, String> settings,
            Map<String, Integer> workers,
            Duration once) {
        static Top shrunk(Rung rung, Shrinking.Settings settings, Duration once) {
            return new Top(rung.rows(), last(rung), settings.values(), settings.workers(), once);
        }
    }

    /** One run of a size, and what it took with all around it: the server's start, the load, the build. */
    private record First(Rung rung, Duration took) {}

    private KeysAlone.Builds builds(KeysWanted wanted, Top top, Left left)
            throws NotBuilt, RehearsalMistakes, IOException {
        if (isLikeAProfile(variant)) {
            throw new NotBuilt("its data are made like a profile's, and those of a few columns would not be");
        }
        KeysVariant alone = KeysVariant.of(variant, wanted, site.folderOf(nameOf(wanted)));
        Map<String, Long> less = new HashMap<>();
        top.rows().forEach((table, count) -> less.put(table, Math.max(1, count / LESS)));
        Map<String, Long> target = question.target();
        if (rows(wanted, target) <= rows(wanted, top.rows())) {
            throw new NotBuilt("the target has no more rows than the top rung");
        }
        KeysVariant atTop = alone.with(top.settings());
        tell(wanted, top.rows());
        First small = first(wanted, atTop, less, wanted.workersAtTop());
        if (wanted.indexes() == 0) {
            // An index is built from the table whatever else there is; how a key is checked PostgreSQL decides by the
            // tables' pages.
            alone = KeysVariant.of(
                    variant,
                    wanted,
                    shares(last(small.rung()), top.whole()),
                    site.folderOf(nameOf(wanted) + "-spread"));
            atTop = alone.with(top.settings());
        }
        First large = first(wanted, atTop, top.rows(), wanted.workersAtTop());
        double steps = (rows(wanted, target) - rows(wanted, less)) / (rows(wanted, top.rows()) - rows(wanted, less));
        double once = large.took().toNanos();
        double more = Math.max(LEAST_SHARE * once, once - small.took().toNanos());
        Duration expected = small.took().plusNanos((long) (MARGIN * steps * more));
        Duration pair = large.took().plus(top.once());
        left.mustHold(expected.plus(top.once()).plus(pair.multipliedBy(LEAST_PAIRS)));
        Pairs pairs = new Pairs(wanted, atTop, top, large.rung());
        while (pairs.count() < LEAST_PAIRS
                || (pairs.count() < (pairs.areNoisy() ? MOST_PAIRS : PAIRS)
                        && left.without(expected).repeats(pair, 1) > 0)) {
            pairs.run();
        }
        mustHaveOnePlan(pairs, last(pairs.alone));
        left.mustHold(expected);

        tell(wanted, target);
        First there = first(wanted, alone, target, wanted.workers());
        mustHaveOnePlan(pairs, last(there.rung()));
        int runs = 1 + left.repeats(there.took(), repeat - 1);
        Rung rung = there.rung();
        while (rung.runs().size() < runs) {
            rung = again(wanted, alone, rung, wanted.workers());
        }
        return new KeysAlone.Builds(
                wanted.indexes(),
                pairs.of(pairs.alones),
                pairs.of(pairs.wholes),
                new Measurement(
                        rows(wanted, rung.rows()),
                        rung.runs().stream()
                                .map(run -> KeysVariant.seconds(run.recording()))
                                .toList()));
    }

    /** Of the bytes that a row takes in the whole table, those that it takes with its key alone; without those that are the same. */
    private static Map<String, Double> shares(Recording alone, Recording whole) {
        Map<String, Double> shares = new HashMap<>();
        for (Map.Entry<String, Double> own : rowBytes(alone).entrySet()) {
            double share = own.getValue() / rowBytes(whole).getOrDefault(own.getKey(), own.getValue());
            if (share < 1) {
                shares.put(own.getKey(), share);
            }
        }
        return shares;
    }

    private static Map<String, Double> rowBytes(Recording recording) {
        return Stream.ofNullable(recording.dataset())
                .flatMap(dataset -> dataset.tables().stream())
                .filter(table -> table.rows() > 0)
                .collect(Collectors.toMap(
                        Recording.TableFacts::name, table -> (double) table.heapBytes() / table.rows()));
    }

    /** Of a foreign key; an index has one way to be built. */
    private static void mustHaveOnePlan(Pairs pairs, Recording alone) throws NotBuilt {
        KeysWanted wanted = pairs.wanted;
        Set<String> whole = KeysVariant.read(wanted, pairs.statement(last(pairs.whole)));
        if (wanted.indexes() == 0 && !whole.equals(KeysVariant.read(wanted, Estimator.statements(alone).stream()))) {
            throw new NotBuilt("with these columns alone PostgreSQL checked it by another plan");
        }
    }

    /**
     * Runs over the columns alone and of the whole variant, in turn, each first in every second pair: a machine that gets slower, or
     * faster, is no difference of the two. The very first run of each is none of a pair: caches and disk are not as they were before.
     */
    private final class Pairs {
        private final KeysWanted wanted;
        private final KeysVariant keys;
        private final Top top;
        private final List<Double> alones = new ArrayList<>();
        private final List<Double> wholes = new ArrayList<>();
        private Rung alone;
        private Rung whole;

        private Pairs(KeysWanted wanted, KeysVariant keys, Top top, Rung first) throws NotBuilt, RehearsalMistakes {
            this.wanted = wanted;
            this.keys = keys;
            this.top = top;
            this.alone = first;
            this.whole = wholeAgain(wanted, top, new Rung(top.rows(), List.of()));
        }

        private int count() {
            return wholes.size();
        }

        private boolean areNoisy() {
            return of(alones).isNoisy() || of(wholes).isNoisy();
        }

        private void run() throws NotBuilt, RehearsalMistakes {
            boolean wholeFirst = count() % 2 == 1;
            if (wholeFirst) {
                whole = wholeAgain(wanted, top, whole);
            }
            alone = again(wanted, keys, alone, wanted.workersAtTop());
            if (!wholeFirst) {
                whole = wholeAgain(wanted, top, whole);
            }
            alones.add(KeysVariant.seconds(last(alone)));
            wholes.add(statement(last(whole))
                    .mapToDouble(Estimator::seconds)
                    .findFirst()
                    .orElseThrow(() -> new NotBuilt("the statement was not run again beside it")));
        }

        private Stream<Statement> statement(Recording recording) {
            return Estimator.statements(recording).stream()
                    .filter(statement -> statement.index() == wanted.statement());
        }

        private Measurement of(List<Double> seconds) {
            return new Measurement(rows(wanted, top.rows()), seconds);
        }
    }

    private static Recording last(Rung rung) {
        return rung.runs().get(rung.runs().size() - 1).recording();
    }

    private First first(KeysWanted wanted, KeysVariant alone, Map<String, Long> rows, int workers)
            throws NotBuilt, RehearsalMistakes {
        long began = System.nanoTime();
        QuietRungs quiet = quiet();
        Optional<Rung> rung =
                quiet.once(alone.variant(), nameOf(wanted, rows), alone.rows(rows), workers(wanted, workers));
        return new First(orWhy(rung, quiet, OWN_SCRIPT), Duration.ofNanos(System.nanoTime() - began));
    }

    private Rung wholeAgain(KeysWanted wanted, Top top, Rung rung) throws NotBuilt, RehearsalMistakes {
        QuietRungs quiet = quiet();
        String name = variant.name() + "-beside-keys-of-" + wanted.statement();
        return orWhy(quiet.again(variant.with(top.settings()), name, rung, top.workers()), quiet, "");
    }

    private Rung again(KeysWanted wanted, KeysVariant alone, Rung rung, int workers)
            throws NotBuilt, RehearsalMistakes {
        QuietRungs quiet = quiet();
        String name = nameOf(wanted, rung.rows());
        return orWhy(quiet.again(alone.variant(), name, rung, workers(wanted, workers)), quiet, OWN_SCRIPT);
    }

    private QuietRungs quiet() {
        // Each run is asked for by itself.
        return new QuietRungs(site, repeat, run -> false);
    }

    private Rung orWhy(Optional<Rung> rung, QuietRungs quiet, String failed) throws NotBuilt {
        interrupted |= quiet.interrupted();
        return rung.orElseThrow(() -> new NotBuilt(
                (quiet.incomplete() ? "" : failed) + quiet.obstacle().orElse("Nothing says why.")));
    }

    private static Map<String, Integer> workers(KeysWanted wanted, int workers) {
        return Map.of(wanted.table(), workers);
    }

    private String nameOf(KeysWanted wanted, Map<String, Long> rows) {
        return nameOf(wanted) + "-" + Math.round(rows(wanted, rows));
    }

    private String nameOf(KeysWanted wanted) {
        return variant.name() + "-keys-of-" + wanted.statement();
    }

    private static double rows(KeysWanted wanted, Map<String, Long> rows) {
        return (double) Objects.requireNonNull(rows.get(wanted.table()));
    }

    private void tell(KeysWanted wanted, Map<String, Long> rows) {
        site.tell("statement " + wanted.statement() + ", "
                + switch (wanted.indexes()) {
                    case 0 -> "its check";
                    case 1 -> "its index";
                    default -> "its " + Figures.count(wanted.indexes()) + " indexes";
                }
                + " over the columns alone, " + wanted.table() + " "
                + Figures.count(Math.round(rows(wanted, rows))));
    }
}
