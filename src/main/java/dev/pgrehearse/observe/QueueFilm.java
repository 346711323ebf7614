package dev.pgrehearse.observe;

import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queue that the migration stands in, whenever it has changed, at most twice a second; of a long migration less often
 * later on, so that what is written stays bounded. Used by one thread.
 */
final class QueueFilm {
    private static final long APART_NANOS = Duration.ofMillis(500).toNanos();
    /** After so many moments the next ones are twice as far apart: a day of change is some thousands of moments. */
    private static final int DENSE = 400;

    private static final Fact.Tree NO_QUEUE = new Fact.Tree(0, List.of(), 0);

    private final FactSink facts;
    private Fact.Tree written = NO_QUEUE;
    private Fact.@Nullable Tree unwritten;
    private long unwrittenNanos;
    private long writtenNanos;
    private long moments;
    private long apartNanos = APART_NANOS;

    QueueFilm(FactSink facts) {
        this.facts = facts;
    }

    /** How the queue is now; null when the migration stands in none. */
    void sampled(long atNanos, Fact.@Nullable Tree tree) {
        Fact.Tree now = tree == null ? NO_QUEUE : tree;
        unwritten = WaitTree.isSame(now, written) ? null : now;
        unwrittenNanos = atNanos;
        if (moments == 0 || atNanos - writtenNanos >= apartNanos) {
            write();
        }
    }

    /** The last change is written, however short ago the one before was. */
    void finish() {
        write();
    }

    private void write() {
        if (unwritten == null) {
            return;
        }
        facts.add(new Fact.QueueMoved(unwrittenNanos, unwritten));
        written = unwritten;
        writtenNanos = unwrittenNanos;
        unwritten = null;
        moments++;
        if (moments % DENSE == 0) {
            apartNanos *= 2;
        }
    }
}
