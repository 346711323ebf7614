package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.WorkloadFacts;
import dev.pgrehearse.scenario.Limits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much of production's traffic a rehearsal ran. Pure. */
public final class DerivedTraffic {
    /** The rule's id. */
    static final String RULE = "workload-coverage";

    /** A workload of the schema asks for no coverage: what is judged are at least most of its requests. */
    private static final double LEAST_ASSESSED_OF_AUTO = 0.5;

    private DerivedTraffic() {}

    /** In one sentence or two; null when all operations were declared. */
    public static @Nullable String inWords(Recording recording, Limits limits) {
        WorkloadFacts workload = recording.workload();
        if (workload == null) {
            return null;
        }
        if (!workload.source().equals("profile")) {
            return "The workload was made of the schema: "
                    + Figures.count(workload.statements().size(), "statement", "statements") + "." + tooRare(recording)
                    + notAssessed(recording, limits);
        }
        return "The workload is production's: " + Figures.share(workload.callsShare()) + " of the profile's calls and "
                + Figures.share(workload.timeShare()) + " of their time, by "
                + Figures.count(workload.statements().size(), "statement", "statements") + ", with "
                + Figures.share(workload.askedShare()) + " of the calls asked for; left out: "
                + (workload.leftOut().isEmpty()
                        ? "nothing"
                        : Figures.count(
                                workload.leftOut().size(),
                                "statement or group of them",
                                "statements or groups of them"))
                + "."
                + (workload.notInProfile() == 0
                        ? ""
                        : " " + Figures.count(workload.notInProfile(), "further entry", "further entries")
                                + " of pg_stat_statements, such as BEGIN and what other programs ran, are not in the"
                                + " profile.")
                + tooRare(recording)
                + notAssessed(recording, limits);
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

    /** That some came too rarely for their limit to say anything. */
    private static String notAssessed(Recording recording, Limits limits) {
        double share = assessedShare(recording, limits);
        return !(share < 1)
                ? ""
                : " Of the requests during migration and recovery that have a limit of p99, " + Figures.share(share)
                        + " belong to operations that came often enough to be held against it; the others are not judged"
                        + " by it.";
    }

    /**
     * The share of the judged requests, of those with a limit of p99, whose operations were held against it in every phase
     * that they came in; NaN when there are none.
     */
    static double assessedShare(Recording recording, Limits limits) {
        long limited = 0;
        long assessed = 0;
        for (OperationFacts operation : Traffic.operations(recording)) {
            Double allowed = ResponseTime.allowedMs(operation, limits.responseOf(operation.name()));
            if (allowed != null) {
                long offered = Traffic.offered(operation, Traffic.JUDGED);
                limited += offered;
                assessed += isAssessed(operation, allowed) ? offered : 0;
            }
        }
        return limited == 0 ? Double.NaN : (double) assessed / limited;
    }

    private static boolean isAssessed(OperationFacts operation, double allowed) {
        List<ResponseTime.Assessment> assessments = Double.isNaN(allowed)
                ? List.<ResponseTime.Assessment>of()
                : ResponseTime.assess(operation, allowed, Traffic.JUDGED);
        return !assessments.isEmpty()
                && assessments.stream().noneMatch(each -> each.answer() == ResponseTime.Answer.NOT_MEASURABLE);
    }

    /** Why the limit of p99 says too little; null when it says enough, or no operation has one. */
    static @Nullable String tooLittleAssessed(Recording recording, Limits limits) {
        WorkloadFacts workload = recording.workload();
        if (workload == null) {
            return null;
        }
        double asked = workload.source().equals("profile") ? workload.askedShare() : LEAST_ASSESSED_OF_AUTO;
        double share = assessedShare(recording, limits);
        if (!(share < asked)) {
            return null;
        }
        Figures.Against figures = Figures.against(share, asked, Finding.SHARE);
        return "Only " + figures.measured() + " of the requests during migration and recovery belong to operations that"
                + " came often enough, here and in the baseline, for their p99 to be held against its limit; it takes "
                + figures.limit()
                + ". A higher rate or longer phases tell more, as does a limit that is no multiple of the"
                + " baseline (limits.response.p99).";
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
