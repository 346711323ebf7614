package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.Place;
import dev.pgrehearse.scenario.MigrationSpec;
import dev.pgrehearse.scenario.StepSpec;
import dev.pgrehearse.scenario.StopSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is run: steps one after the other, in one session. Immutable.
 *
 * @param steps their statements are numbered through from 1
 * @param stopAfter how long after the start the whole is stopped; null for never
 * @param clean statements that clean up after that, numbered on; empty when what is INVALID is to be dropped
 */
public record Migration(List<Step> steps, @Nullable Duration stopAfter, List<SqlStatement> clean) {
    public Migration {
        steps = List.copyOf(steps);
        clean = List.copyOf(clean);
    }

    /** One script that runs to its end. */
    public static Migration of(List<SqlStatement> statements) {
        return new Migration(List.of(new Step.Script(statements, null)), null, List.of());
    }

    /**
     * That of a scenario's variant.
     *
     * @throws ScriptMistakes with every mistake of every script
     * @throws IOException when a script cannot be read, or the time of a stop is not known
     */
    public static Migration read(MigrationSpec spec, StopTimes times) throws ScriptMistakes, IOException {
        List<Step> steps = new ArrayList<>();
        List<ScriptMistake> mistakes = new ArrayList<>();
        int index = 1;
        for (StepSpec each : spec.steps()) {
            Step step = read(each, index, times, mistakes);
            steps.add(step);
            index += step.statements().size();
        }
        List<SqlStatement> clean = List.of();
        try {
            clean = numbered(ScriptSplitter.split(spec.clean()), index);
        } catch (ScriptMistakes wrong) {
            mistakes.addAll(wrong.mistakes());
        }
        if (!mistakes.isEmpty()) {
            throw new ScriptMistakes(mistakes);
        }
        return new Migration(steps, time(spec.stop(), times), clean);
    }

    private static Step read(StepSpec spec, int index, StopTimes times, List<ScriptMistake> mistakes)
            throws IOException {
        if (spec instanceof StepSpec.Pause pause) {
            return new Step.Rest(pause.length());
        }
        if (spec instanceof StepSpec.Backfill backfill) {
            return new Step.Backfill(
                    index,
                    backfill.file(),
                    new Place(backfill.line(), backfill.column()),
                    BackfillSql.of(backfill),
                    backfill.pause(),
                    time(backfill.stop(), times));
        }
        StepSpec.Scripts scripts = (StepSpec.Scripts) spec;
        List<SqlStatement> statements = List.of();
        try {
            statements = numbered(ScriptSplitter.split(scripts.scripts()), index);
        } catch (ScriptMistakes wrong) {
            mistakes.addAll(wrong.mistakes());
        }
        return new Step.Script(statements, time(scripts.stop(), times));
    }

    private static @Nullable Duration time(@Nullable StopSpec stop, StopTimes times) throws IOException {
        return stop == null ? null : times.of(stop);
    }

    private static List<SqlStatement> numbered(List<SqlStatement> statements, int first) {
        List<SqlStatement> numbered = new ArrayList<>();
        for (SqlStatement statement : statements) {
            numbered.add(statement.withIndex(first + numbered.size()));
        }
        return numbered;
    }

    /** The statements of all steps, in order; a back-fill is one. */
    public List<SqlStatement> statements() {
        return steps.stream().flatMap(step -> step.statements().stream()).toList();
    }

    /** The statements of all scripts, cleaning included, for whoever wants to parse them. */
    public List<SqlStatement> scripted() {
        List<SqlStatement> scripted = new ArrayList<>();
        for (Step step : steps) {
            if (step instanceof Step.Script script) {
                scripted.addAll(script.statements());
            }
        }
        scripted.addAll(clean);
        return scripted;
    }
}
