package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Folds requests and samples into series on one time axis. */
final class TimelineFold {
    private static final long[] STEPS_MS = {100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000};
    /** More points than this nobody sees on a screen. */
    private static final int MOST_BUCKETS = 500;
    /** Two digits are enough for a line in a chart, and keep 500 histograms small. */
    private static final int SIGNIFICANT_DIGITS = 2;

    private final long startNanos;
    private final long stepNanos;
    private final int buckets;
    private final Phases phases;

    TimelineFold(Phases phases, long endNanos) {
        this.phases = phases;
        this.startNanos = phases.spans().get(0).startNanos();
        long length = Math.max(1, endNanos - startNanos);
        this.stepNanos = Arrays.stream(STEPS_MS)
                        .filter(step -> length / (step * 1_000_000) < MOST_BUCKETS)
                        .findFirst()
                        .orElse(length / 1_000_000 / MOST_BUCKETS + 1)
                * 1_000_000;
        this.buckets = (int) ((length + stepNanos - 1) / stepNanos);
    }

    Recording.Timeline fold(List<RequestEntry> entries, List<Fact> facts) {
        Map<String, double[]> series = new LinkedHashMap<>();
        requests(entries, series);
        pools(facts, series);
        service(facts, series);
        Map<String, List<Fact.Sampled>> samples = new LinkedHashMap<>();
        for (Fact fact : facts) {
            if (fact instanceof Fact.Sampled sampled) {
                samples.computeIfAbsent(sampled.series(), name -> new ArrayList<>())
                        .add(sampled);
            }
        }
        samples.forEach((name, points) -> series.put(name, sampled(name, points)));
        disk(facts, series);
        return new Recording.Timeline(phases.millis(startNanos), stepNanos / 1e6, series);
    }

    private void requests(List<RequestEntry> entries, Map<String, double[]> series) {
        double[] offered = new double[buckets];
        double[] ok = new double[buckets];
        double[] errors = new double[buckets];
        double[] inFlight = new double[buckets];
        Histogram[] ages = new Histogram[buckets];
        for (RequestEntry entry : entries) {
            if (!entry.isRequest() || entry.intended() < startNanos) {
                continue;
            }
            int arrived = bucket(entry.intended());
            int ended = bucket(entry.responded());
            offered[arrived]++;
            if (entry.outcome() == Outcome.OK) {
                ok[ended]++;
            } else if (entry.outcome() != Outcome.UNFINISHED) {
                errors[ended]++;
            }
            for (int i = arrived; i <= ended; i++) {
                inFlight[i]++;
                if (ages[i] == null) {
                    ages[i] = new Histogram(SIGNIFICANT_DIGITS);
                }
                long bucketEnd = startNanos + (i + 1) * stepNanos;
                ages[i].recordValue((Math.min(bucketEnd, entry.responded()) - entry.intended()) / 1_000);
            }
        }
        series.put("offered", offered);
        series.put("ok", ok);
        series.put("errors", errors);
        series.put("p50Ms", percentile(ages, 50));
        series.put("p99Ms", percentile(ages, 99));
        series.put("inFlight", inFlight);
    }

    private static double[] percentile(Histogram[] ages, double percentile) {
        return Arrays.stream(ages)
                .mapToDouble(age -> age == null ? Double.NaN : age.getValueAtPercentile(percentile) / 1e3)
                .toArray();
    }

    private void pools(List<Fact> facts, Map<String, double[]> series) {
        List<Fact.PoolSampled> samples = facts.stream()
                .filter(Fact.PoolSampled.class::isInstance)
                .map(Fact.PoolSampled.class::cast)
                .toList();
        pools("pool", samples.stream().filter(sample -> !StandbyFacts.isPool(sample.instance())), series);
        if (samples.stream().anyMatch(sample -> StandbyFacts.isPool(sample.instance()))) {
            pools("standbyPool", samples.stream().filter(sample -> StandbyFacts.isPool(sample.instance())), series);
        }
    }

    private void pools(String name, Stream<Fact.PoolSampled> samples, Map<String, double[]> series) {
        Map<String, List<Fact.Sampled>> active = new LinkedHashMap<>();
        Map<String, List<Fact.Sampled>> pending = new LinkedHashMap<>();
        samples.forEach(sample -> {
            active.computeIfAbsent(sample.instance(), instance -> new ArrayList<>())
                    .add(new Fact.Sampled(name + "Active", sample.atNanos(), sample.active()));
            pending.computeIfAbsent(sample.instance(), instance -> new ArrayList<>())
                    .add(new Fact.Sampled(name + "Pending", sample.atNanos(), sample.pending()));
        });
        series.put(name + "Active", sumOfPeaks(active));
        series.put(name + "Pending", sumOfPeaks(pending));
    }

    private void service(List<Fact> facts, Map<String, double[]> series) {
        List<Fact.AppSampled> samples = facts.stream()
                .filter(Fact.AppSampled.class::isInstance)
                .map(Fact.AppSampled.class::cast)
                .toList();
        if (samples.isEmpty()) {
            return;
        }
        int poolSize = facts.stream()
                .filter(Fact.PoolMade.class::isInstance)
                .mapToInt(pool -> ((Fact.PoolMade) pool).size())
                .findFirst()
                .orElse(0);
        level("poolSize", samples, state -> state.running() * poolSize, series);
        level("instances", samples, AppState::running, series);
        level("instancesReady", samples, AppState::ready, series);
        level("workersBusy", samples, AppState::busy, series);
        level("workersForNobody", samples, AppState::busyForNobody, series);
        level("queued", samples, AppState::queued, series);
        double[] tries = new double[buckets];
        for (int i = 1; i < samples.size(); i++) {
            tries[bucket(samples.get(i).atNanos())] +=
                    samples.get(i).tries() - samples.get(i - 1).tries();
        }
        series.put("tries", tries);
    }

    private void level(
            String name, List<Fact.AppSampled> samples, ToIntFunction<AppState> level, Map<String, double[]> series) {
        series.put(
                name,
                peaks(samples.stream()
                        .map(sample -> new Fact.Sampled(name, sample.atNanos(), level.applyAsInt(sample.state())))
                        .toList()));
    }

    private void disk(List<Fact> facts, Map<String, double[]> series) {
        List<Fact.DiskSampled> samples = facts.stream()
                .filter(Fact.DiskSampled.class::isInstance)
                .map(Fact.DiskSampled.class::cast)
                .toList();
        if (samples.isEmpty()) {
            return;
        }
        level("diskRelations", samples, Fact.DiskSampled::relationBytes, series);
        level("diskTemporary", samples, Fact.DiskSampled::temporaryBytes, series);
        level("diskWal", samples, Fact.DiskSampled::walBytes, series);
        level("diskCreated", samples, Fact.DiskSampled::createdBytes, series);
        // Of what is free the lowest counts: the highest of what is missing.
        double[] free = peaks(samples.stream()
                .filter(sample -> sample.freeBytes() != null)
                .map(sample -> new Fact.Sampled(
                        "diskFree",
                        sample.atNanos(),
                        -Objects.requireNonNull(sample.freeBytes()).doubleValue()))
                .toList());
        if (!Arrays.stream(free).allMatch(Double::isNaN)) {
            series.put("diskFree", Arrays.stream(free).map(bytes -> -bytes).toArray());
        }
    }

    private void level(
            String name,
            List<Fact.DiskSampled> samples,
            ToDoubleFunction<Fact.DiskSampled> level,
            Map<String, double[]> series) {
        series.put(
                name,
                peaks(samples.stream()
                        .map(sample -> new Fact.Sampled(name, sample.atNanos(), level.applyAsDouble(sample)))
                        .toList()));
    }

    private double[] sumOfPeaks(Map<String, List<Fact.Sampled>> byInstance) {
        double[] sum = new double[buckets];
        for (List<Fact.Sampled> points : byInstance.values()) {
            double[] peaks = peaks(points);
            for (int i = 0; i < buckets; i++) {
                sum[i] += Double.isNaN(peaks[i]) ? 0 : peaks[i];
            }
        }
        return sum;
    }

    private double[] sampled(String name, List<Fact.Sampled> points) {
        points.sort(Comparator.comparingLong(Fact.Sampled::atNanos));
        return switch (name) {
            case "walBytes",
                    "readServer",
                    "writtenServer",
                    "readMigration",
                    "writtenMigration",
                    "readTool",
                    "writtenTool" -> spread(points, true);
            case "cpuServer", "cpuMigration", "cpuTool", "ioWait" -> spread(points, false);
            default -> peaks(points);
        };
    }

    /** A level that stays until its next point: the highest within each bucket. */
    private double[] peaks(List<Fact.Sampled> points) {
        double[] peaks = new double[buckets];
        Arrays.fill(peaks, Double.NaN);
        double level = Double.NaN;
        int next = 0;
        for (int i = 0; i < buckets; i++) {
            long bucketEnd = startNanos + (i + 1) * stepNanos;
            double peak = level;
            while (next < points.size() && points.get(next).atNanos() < bucketEnd) {
                level = points.get(next++).value();
                peak = Double.isNaN(peak) ? level : Math.max(peak, level);
            }
            peaks[i] = peak;
        }
        return peaks;
    }

    /** A value that tells of the time since the point before: an amount to be shared out, or a rate to be repeated. */
    private double[] spread(List<Fact.Sampled> points, boolean amount) {
        double[] values = new double[buckets];
        Arrays.fill(values, Double.NaN);
        for (int p = 1; p < points.size(); p++) {
            int from = bucket(points.get(p - 1).atNanos());
            int to = Math.max(from, bucket(points.get(p).atNanos()) - 1);
            double value = points.get(p).value() / (amount ? to - from + 1 : 1);
            for (int i = from; i <= to; i++) {
                values[i] = amount && !Double.isNaN(values[i]) ? values[i] + value : value;
            }
        }
        return values;
    }

    private int bucket(long nanos) {
        return (int) Math.max(0, Math.min(buckets - 1, (nanos - startNanos) / stepNanos));
    }
}
