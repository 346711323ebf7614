package dev.pgrehearse.workload;

import dev.pgrehearse.scenario.TrafficSpec;

/**
 * How many requests a traffic comes to until a time, and the other way round. Both are exact: between two given rates the
 * rate is a straight line, so its integral is a parabola, which has an inverse in closed form. There are a few dozen pieces at
 * most, so they are gone through one by one. Immutable and thread-safe.
 */
final class CumulatedRate {
    private final double[] fromPerSecond;
    private final double[] slopePerSecond;
    /** Seconds and requests at the begin of each piece; one entry more at the end of the last. */
    private final double[] seconds;

    private final double[] requests;
    private final boolean daily;
    private final double lastPerSecond;

    CumulatedRate(TrafficSpec traffic) {
        int count = traffic.pieces().size();
        fromPerSecond = new double[count];
        slopePerSecond = new double[count];
        seconds = new double[count + 1];
        requests = new double[count + 1];
        for (int i = 0; i < count; i++) {
            TrafficSpec.Piece piece = traffic.pieces().get(i);
            fromPerSecond[i] = piece.fromPerSecond();
            slopePerSecond[i] = (piece.toPerSecond() - piece.fromPerSecond()) / piece.seconds();
            seconds[i + 1] = seconds[i] + piece.seconds();
            requests[i + 1] = requests[i] + piece.seconds() * (piece.fromPerSecond() + piece.toPerSecond()) / 2;
        }
        daily = traffic.daily();
        lastPerSecond = traffic.pieces().get(count - 1).toPerSecond();
    }

    /** How many requests are expected in the first {@code time} seconds. */
    double requestsAt(double time) {
        int last = fromPerSecond.length;
        double days = daily ? Math.floor(time / seconds[last]) : 0;
        double within = time - days * seconds[last];
        if (within >= seconds[last]) {
            return requests[last] + (within - seconds[last]) * lastPerSecond;
        }
        int piece = 0;
        while (seconds[piece + 1] <= within) {
            piece++;
        }
        double since = within - seconds[piece];
        return days * requests[last]
                + requests[piece]
                + since * (fromPerSecond[piece] + since * slopePerSecond[piece] / 2);
    }

    /** After how many seconds so many requests are expected for the first time. */
    double secondsAt(double count) {
        int last = fromPerSecond.length;
        double days = daily ? Math.floor(count / requests[last]) : 0;
        double within = count - days * requests[last];
        if (within >= requests[last]) {
            return seconds[last] + (within - requests[last]) / lastPerSecond;
        }
        int piece = 0;
        while (requests[piece + 1] < within) {
            piece++;
        }
        double missing = within - requests[piece];
        if (missing <= 0) {
            return days * seconds[last];
        }
        // missing = from·x + slope·x²/2, solved so that nothing cancels out when the slope is small or 0.
        double from = fromPerSecond[piece];
        double root = Math.sqrt(Math.max(0, from * from + 2 * slopePerSecond[piece] * missing));
        return days * seconds[last] + seconds[piece] + 2 * missing / (from + root);
    }
}
