package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.WorkloadFacts;
import dev.pgrehearse.scenario.Limits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much of production's traffic a rehearsal ran. Pure. */
public final class DerivedTraffic {
    /** The rule's id. */
    static final String RULE = "workload-coverage";

    private DerivedTraffic() {}

    /** In one sentence or two; null when all operations were declared. */
    public static @Nullable String inWords(Recording recording) {
        WorkloadFacts workload = recording.workload();
        if (workload == null) {
            return null;
        }
        if (!workload.source().equals("profile")) {
            return "The workload was made of the schema: "
                    + Figures.count(workload.statements().size(), "statement", "statements") + "." + tooRare(recording);
        }
        return "The workload is production's: " + Figures.share(workload.callsShare()) + " of the profile's calls and "
                + Figures.share(workload.timeShare()) + " of their time, by "
                + Figures.count(workload.statements().size(), "statement", "statements") + ", with "
                + Figures.share(workload.askedShare()) + " of the calls asked for; "
                + Figures.count(workload.leftOut().size(), "statement was", "statements were") + " left out."
                + (workload.notInProfile() == 0
                        ? ""
                        : " " + Figures.count(workload.notInProfile(), "further entry", "further entries")
                                + " of pg_stat_statements, such as BEGIN and what other programs ran, are not in the"
                                + " profile.")
                + tooRare(recording);
    }

    /** Operations that never came while the migration answered for it: nobody knows what they would have felt. */
    private static String tooRare(Recording recording) {
        List<String> never = Traffic.operations(recording).stream()
                .filter(operation -> Traffic.offered(operation, Traffic.JUDGED) == 0)
                .map(Recording.OperationFacts::name)
                .toList();
        return never.isEmpty()
                ? ""
                : " " + Figures.count(never.size(), "operation is", "operations are")
                        + " so rare that no request came during migration and recovery (" + never.get(0)
                        + (never.size() == 1 ? "" : ", …") + "): what they would have felt is not known.";
    }

    /** Why nobody knows what production would feel; null when enough of its calls were run. */
    static @Nullable String uncertainty(Recording recording) {
        WorkloadFacts workload = recording.workload();
        if (workload == null || workload.callsShare() >= workload.askedShare()) {
            return null;
        }
        Figures.Against figures = Figures.against(workload.callsShare(), workload.askedShare(), Finding.SHARE);
        return "Only " + figures.measured() + " of production's calls could be run here, with " + figures.limit()
                + " asked for (" + RULE + "): what the others would have felt is not known.";
    }

    static List<Finding> findings(Recording recording, Limits limits) {
        WorkloadFacts workload = recording.workload();
        String reason = uncertainty(recording);
        if (workload == null || reason == null) {
            return List.of();
        }
        return List.of(new Finding(
                RULE,
                Severity.WARNING,
                null,
                workload.callsShare(),
                workload.askedShare(),
                Finding.SHARE,
                "Too little of production's traffic was run",
                reason,
                "1. Look at the statements that were left out, and why.\n"
                        + "2. Take the profile and the dataset from the same state of the schema.\n"
                        + "3. Declare what cannot be derived under workload.operations, or ask for less by"
                        + " workload.coverage."));
    }
}
