package dev.pgrehearse.cli;

import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.ProfileFormatException;
import dev.pgrehearse.profile.ProfileJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which machine an estimate is for. */
final class CalibrationOptions {
    private static final String CALIBRATION = "--calibration";

    @Option(
            names = CALIBRATION,
            paramLabel = "FILE",
            description =
                    "Scale to the machine that this profile was taken of with --calibrate, by the same probes here; they take"
                            + " up to a minute of the budget. By default the file of --profile, when it has a calibration.")
    private @Nullable Path calibration;

    /**
     * How fast that machine is; empty when the estimate is for this one.
     *
     * @param profile of {@code --profile}; null without it
     * @throws WrongInput when {@code --calibration} names a file without any
     */
    Optional<Calibration> read(@Nullable Path profile) {
        if (calibration == null) {
            return profile == null ? Optional.empty() : in(profile, "--profile");
        }
        Path file = calibration;
        return Optional.of(in(file, CALIBRATION)
                .orElseThrow(() -> new WrongInput(CALIBRATION + " " + file
                        + ": this profile was taken without --calibrate, so nobody knows how fast that machine is. Take it"
                        + " again with pgrehearse profile --calibrate, or leave " + CALIBRATION
                        + " out: the estimate is this machine's then. Nothing was measured.")));
    }

    private static Optional<Calibration> in(Path file, String option) {
        try {
            return Optional.ofNullable(ProfileJson.read(file).calibration());
        } catch (ProfileFormatException wrong) {
            throw new WrongInput(wrong);
        } catch (IOException unreadable) {
            throw new WrongInput(option + " " + file + " cannot be read: " + unreadable.getMessage());
        }
    }
}
