/** The immutable facts of a rehearsal: journal, request log, and the recording folded from them. No clock in here. */
@NullMarked
package dev.pgrehearse.recording;

import org.jspecify.annotations.NullMarked;
