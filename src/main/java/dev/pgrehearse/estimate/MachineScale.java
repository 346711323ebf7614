package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** From durations on this machine to those on another one, by what both took for the same probes. Pure. */
final class MachineScale {
    /** Settings by which one server works otherwise than another, whatever its machine; beside {@link SettingsApart}. */
    private static final List<String> DECIDING = List.of(
            "checkpoint_timeout", "data_checksums", "max_parallel_workers", "shared_buffers", "wal_compression");

    /** A factor that is less certain than that needs a word. */
    private static final double NOISY = 0.15;

    private final Machines machines;
    private final Rung top;
    private final @Nullable Rung shrunkTop;

    private MachineScale(Machines machines, Rung top, @Nullable Rung shrunkTop) {
        this.machines = machines;
        this.top = top;
        this.shrunkTop = shrunkTop;
    }

    /**
     * What statements take on the other machine.
     *
     * @param here the same on this machine
     * @param top the largest rung, where what they are bound by was measured
     * @param shrunkTop the same of those whose figures come from a ladder with shrunk settings; null when there is none
     */
    static OtherMachine of(
            Machines machines, List<StatementEstimate> statements, Total here, Rung top, @Nullable Rung shrunkTop) {
        return new MachineScale(machines, top, shrunkTop).scale(statements, here);
    }

    private OtherMachine scale(List<StatementEstimate> statements, Total here) {
        Calibration own = machines.here();
        List<Factor> factors = own == null ? List.of() : Factor.between(own, machines.there());
        List<String> remarks = new ArrayList<>();
        remarks.add(
                "How much memory production's machine has no probe tells: it is taken to keep as much of these tables in memory as"
                        + " this one does.");
        factors.forEach(factor -> remark(factor, remarks));
        if (own != null) {
            settings(own, remarks);
        }
        return new OtherMachine(
                machines.there().takenAt(),
                factors,
                statements.stream()
                        .map(statement -> scaled(statement, own, factors))
                        .toList(),
                here.central(),
                here.upper(),
                remarks);
    }

    private ScaledStatement scaled(StatementEstimate statement, @Nullable Calibration own, List<Factor> factors) {
        if (statement.duration() == null) {
            return ScaledStatement.unknown(statement.index(), List.of());
        }
        if (own == null) {
            return ScaledStatement.unknown(
                    statement.index(),
                    List.of(Objects.requireNonNullElse(machines.missing(), "This machine was not calibrated.")));
        }
        List<String> apart = SettingsApart.of(statement, own, machines.there());
        if (!apart.isEmpty()) {
            return ScaledStatement.unknown(statement.index(), apart);
        }
        Rung largest = statement.shrunk() == null || shrunkTop == null ? top : shrunkTop;
        Recording recording = largest.runs().get(0).recording();
        List<Statement> runs = largest.runs().stream()
                .flatMap(run -> Estimator.statements(run.recording()).stream())
                .filter(run -> run.index() == statement.index())
                .toList();
        return new StatementScale(statement, Bounds.of(statement, runs, recording), own, machines.there(), factors)
                .scaled();
    }

    private static void remark(Factor factor, List<String> remarks) {
        Double times = factor.factor();
        if (times != null && factor.far()) {
            remarks.add("Production's " + factor.probe().words() + " takes " + Figures.times(times)
                    + " what it takes here. Machines so far apart differ in more than probes show: take what follows from it as"
                    + " an indication, and rehearse on a machine that is more like production's.");
        }
        Double error = factor.error();
        if (error != null && error > NOISY) {
            remarks.add("Repeats of the probe " + factor.probe().words() + " are far apart: its factor is good to "
                    + Figures.share(error)
                    + ". Take the profile again while production is less busy, and estimate while"
                    + " nothing else runs here.");
        }
    }

    private void settings(Calibration own, List<String> remarks) {
        Map<String, String> here = own.settings();
        Map<String, String> there = machines.there().settings();
        for (String setting : DECIDING) {
            String other = there.get(setting);
            if (other != null && here.get(setting) != null && !other.equals(here.get(setting))) {
                remarks.add(
                        "Production's " + setting + " is " + other + ", here it is " + here.get(setting)
                                + ": the estimate is for the one here. Set it alike in the scenario (server.settings), where you can.");
            }
        }
        String major = major(there);
        if (!major.equals(major(here))) {
            remarks.add("Production runs PostgreSQL " + major + ", and this was measured with " + major(here)
                    + ": the factors hold both differences, of machine and of version, and operations may differ in"
                    + " more.");
        }
    }

    private static String major(Map<String, String> settings) {
        String number = settings.getOrDefault("server_version_num", "");
        return number.length() < 5 ? number : number.substring(0, number.length() - 4);
    }
}
