package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Folds the trees of the migration's queue into a film of bounded length. */
final class QueueFold {
    /** So many moments are kept; of more, those that are evenly apart. */
    static final int MOMENTS = 400;

    private static final double APART_MS = 500;

    private final Facts facts;
    private final Charges charges;
    private final Phases phases;

    QueueFold(Facts facts, Charges charges, Phases phases) {
        this.facts = facts;
        this.charges = charges;
        this.phases = phases;
    }

    @Nullable
    QueueOverTime fold() {
        List<QueueOverTime.Moment> moments = facts.all(Fact.QueueMoved.class).stream()
                .map(moved -> moment(moved.atNanos(), moved.tree()))
                .toList();
        Fact.QueueSeen worst = facts.last(Fact.QueueSeen.class).orElse(null);
        if (worst == null && moments.isEmpty()) {
            return null;
        }
        double apart = APART_MS;
        List<QueueOverTime.Moment> kept = moments;
        while (kept.size() > MOMENTS) {
            apart *= 2;
            kept = apart(moments, apart);
        }
        return new QueueOverTime(
                worst == null || worst.tree() == null ? null : moment(worst.atNanos(), worst.tree()),
                kept,
                moments.size(),
                apart);
    }

    /** The first, each next that is far enough from the one before, and the last, with which the queue ends. */
    private static List<QueueOverTime.Moment> apart(List<QueueOverTime.Moment> moments, double apartMs) {
        List<QueueOverTime.Moment> kept = new ArrayList<>();
        for (int i = 0; i < moments.size(); i++) {
            QueueOverTime.Moment moment = moments.get(i);
            boolean far =
                    kept.isEmpty() || moment.atMs() - kept.get(kept.size() - 1).atMs() >= apartMs;
            if (far || i == moments.size() - 1) {
                kept.add(moment);
            }
        }
        return kept;
    }

    /** Locks of the migration's session are told as the statement's that took them. */
    private QueueOverTime.Moment moment(long atNanos, Fact.Tree tree) {
        return new QueueOverTime.Moment(
                phases.millis(atNanos),
                tree.waiting(),
                tree.nodes().stream()
                        .map(node -> node.waits()
                                ? node
                                : node.as(charges.holder(node.who(), wanted(node, tree), node.mode(), atNanos)))
                        .toList(),
                tree.untold());
    }

    /** A holder's transaction has no table; who waits for it may wait for a row of one. */
    private static String wanted(QueueOverTime.Node holder, Fact.Tree tree) {
        int place = tree.nodes().indexOf(holder);
        return tree.nodes().stream()
                .filter(node -> node.parent() == place && node.relation().startsWith(holder.relation() + " "))
                .map(QueueOverTime.Node::relation)
                .findFirst()
                .orElse(holder.relation());
    }
}
