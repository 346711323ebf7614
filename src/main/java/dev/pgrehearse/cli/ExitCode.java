package dev.pgrehearse.cli;

import java.util.Comparator;
import java.util.List;

/** What the process ends with. Of several, the one that comes first here wins, so that a NO-GO is never masked. */
enum ExitCode {
    INTERRUPTED(130),
    /** The scenario or the command line is wrong; nothing was rehearsed. */
    WRONG_INPUT(2),
    /** It could not be run: server, disk, container engine. What was recorded is saved. */
    COULD_NOT_RUN(4),
    /** A NO-GO that was not expected, or a GO where a NO-GO was. */
    NOT_AS_EXPECTED(1),
    /** It could not be measured well enough. */
    UNKNOWN(3),
    /** Every rehearsal ended as expected. */
    AS_EXPECTED(0);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The one that wins; {@link #AS_EXPECTED} when there is none. */
    static ExitCode worst(List<ExitCode> codes) {
        return codes.stream().min(Comparator.naturalOrder()).orElse(AS_EXPECTED);
    }
}
