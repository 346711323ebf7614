package dev.pgrehearse.scenario;

import java.util.List;
import java.util.Map;

/**
 * What the application is asked to do.
 *
 * @param traffic requests offered per second, to all instances together, over time
 * @param arrivals how they are spread over time
 * @param operations in the file's order
 */
public record WorkloadSpec(TrafficSpec traffic, Arrivals arrivals, List<Operation> operations) {
    /** How arrivals are spread over time. */
    public enum Arrivals {
        /** Independent of each other, as those of many users are. */
        POISSON,
        /** At equal distances: for calibration only. */
        UNIFORM
    }

    /**
     * One kind of request.
     *
     * @param name its name
     * @param weight its share relative to the others' weights
     * @param statements SQL with named parameters ({@code :id}), run in one transaction when there are several
     * @param parameters by name, without the colon
     */
    public record Operation(String name, double weight, List<String> statements, Map<String, ValueSpec> parameters) {}
}
