package dev.pgrehearse.rehearsal;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;

/**
 * A quiet run.
 *
 * @param facts what decides about cliffs at its size; {@link SizeFacts#NONE} when the recording is not complete
 */
public record Measured(Recording recording, SizeFacts facts) {}
