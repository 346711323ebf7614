package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Limits;
import java.util.List;

/**
 * What the judge says of one rehearsal, as {@code verdict.json} holds it.
 *
 * @param format {@link #FORMAT}
 * @param verdict GO, NO-GO or UNKNOWN
 * @param expected what the scenario expected
 * @param asExpected whether they are the same
 * @param reasons why, in whole sentences, the most important one first; never empty
 * @param uncertainties what could not be measured well enough, in whole sentences; a GO has none, a NO-GO may have some
 * @param findings what the rules found, the gravest first
 * @param doubts reasons not to trust the figures to the last digit: the recording's, and the judge's own
 * @param limits what the recording was held against
 */
public record Verdict(
        String format,
        Ruling verdict,
        Expectation expected,
        boolean asExpected,
        List<String> reasons,
        List<String> uncertainties,
        List<Finding> findings,
        List<Doubt> doubts,
        Limits limits) {
    /** The format's name and version. */
    public static final String FORMAT = "pgrehearse-verdict/1";
}
