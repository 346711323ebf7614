package dev.pgrehearse.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.QueueOverTime;
import dev.pgrehearse.recording.QueueOverTime.Moment;
import dev.pgrehearse.recording.QueueOverTime.Node;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The migration's queue as a tree at its worst, and as a film.
 *
 * @param worst the tree, each line below the one that it waits for; empty when it was not recorded
 * @param worstWords when that was, and how many waited
 * @param film the moments as JSON for the report's script; empty when there is nothing to play
 * @param moments how many there are to play
 * @param filmWords how they were chosen
 */
record QueueTreeView(List<Line> worst, String worstWords, String film, int moments, String filmWords) {
    /** Films of fewer moments are not worth a button. */
    private static final int LEAST = 2;

    /**
     * One line of a tree.
     *
     * @param depth 0 for those who wait for nobody
     * @param migration whether it is the migration
     */
    record Line(int depth, String text, boolean migration) {
        /** Indented, for plain text. */
        String indented() {
            return depth == 0 ? text : "   ".repeat(depth - 1) + "└─ " + text;
        }
    }

    static QueueTreeView of(Recording recording) {
        QueueOverTime play = recording.waits().queueOverTime();
        if (play == null) {
            return new QueueTreeView(List.of(), "", "", 0, "");
        }
        Words words = new Words(recording);
        Moment worst = play.worst();
        boolean plays = play.moments().size() >= LEAST;
        return new QueueTreeView(
                worst == null ? List.of() : lines(worst, words),
                worst == null
                        ? ""
                        : "At " + Figures.moment(worst.atMs()) + "; "
                                + Figures.count(worst.waiting(), "session waited", "sessions waited")
                                + ". Each stands below the one nearest ahead of it that it had to wait for.",
                plays ? film(play, words) : "",
                play.moments().size(),
                play.seen() > play.moments().size()
                        ? "Of " + Figures.count(play.seen()) + " moments at which it changed these "
                                + Figures.count(play.moments().size()) + ", at least "
                                + Figures.duration(play.apartMs())
                                + " apart."
                        : "Whenever it changed, at most twice a second.");
    }

    private static List<Line> lines(Moment moment, Words words) {
        List<Line> lines = new ArrayList<>();
        below(-1, 0, moment, words, lines);
        if (moment.untold() > 0) {
            lines.add(new Line(0, "and " + Figures.count(moment.untold(), "session", "sessions") + " more", false));
        }
        return lines;
    }

    private static void below(int parent, int depth, Moment moment, Words words, List<Line> lines) {
        for (int i = parent + 1; i < moment.nodes().size(); i++) {
            Node node = moment.nodes().get(i);
            if (node.parent() == parent) {
                lines.add(new Line(depth, words.of(node), isMigration(node)));
                below(i, depth + 1, moment, words, lines);
            }
        }
    }

    private static boolean isMigration(Node node) {
        return node.who().startsWith("statement ") || node.who().equals("migration");
    }

    /** Labels once, and each line as depth, migration or not, label, sessions, how long the longest has waited. */
    private static String film(QueueOverTime play, Words words) {
        Map<String, Integer> labels = new LinkedHashMap<>();
        ObjectNode film = JsonNodeFactory.instance.objectNode();
        ArrayNode moments = JsonNodeFactory.instance.arrayNode();
        for (Moment moment : play.moments()) {
            ObjectNode one = moments.addObject()
                    .put("at", Figures.moment(moment.atMs()))
                    .put("waiting", moment.waiting())
                    .put("untold", moment.untold());
            put(one.putArray("lines"), -1, 0, moment, words, labels);
        }
        film.set("moments", moments);
        labels.keySet().forEach(film.putArray("labels")::add);
        return ScriptJson.of(film);
    }

    private static void put(
            ArrayNode lines, int parent, int depth, Moment moment, Words words, Map<String, Integer> labels) {
        for (int i = parent + 1; i < moment.nodes().size(); i++) {
            Node node = moment.nodes().get(i);
            if (node.parent() == parent) {
                lines.addArray()
                        .add(depth)
                        .add(isMigration(node) ? 1 : 0)
                        .add(labels.computeIfAbsent(words.label(node), unseen -> labels.size()))
                        .add(node.sessions())
                        .add(node.waits() ? Figures.duration(node.waitedMs()) : "");
                put(lines, i, depth + 1, moment, words, labels);
            }
        }
    }

    /** What sessions are called: statements with their place and their text. */
    private static final class Words {
        private final Map<String, String> statements = new LinkedHashMap<>();

        private Words(Recording recording) {
            for (Statement run : Statements.runs(recording)) {
                statements.putIfAbsent(
                        Statements.name(run.index()),
                        Statements.name(run.index()) + " of the migration (" + run.file() + ":" + run.line() + ", "
                                + Statements.brief(run.sql()) + ")");
            }
        }

        private String label(Node node) {
            @Nullable String statement = statements.get(node.who());
            return (statement == null ? Statements.inWords(node.who()) : statement)
                    + (node.waits() ? " wants " : " holds ") + node.mode() + " on " + node.relation();
        }

        private String of(Node node) {
            return (node.sessions() == 1 ? "" : Figures.count(node.sessions()) + "\u00a0× ")
                    + label(node)
                    + (node.waits()
                            ? ", waiting for " + (node.sessions() == 1 ? "" : "up to ")
                                    + Figures.duration(node.waitedMs())
                            : "")
                    + (node.sessions() == 1 ? " (pid " + node.pid() + ")" : "");
        }
    }
}
