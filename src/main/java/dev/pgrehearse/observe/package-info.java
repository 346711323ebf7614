/**
 * Probes that watch the server while the migration runs under load.
 *
 * <p>{@link dev.pgrehearse.observe.Observer} is the way in. It has connections of its own, opened before the load, always
 * in auto-commit: between two samples it holds neither a lock nor a snapshot. What it sees goes to a
 * {@link dev.pgrehearse.recording.FactSink}; what it could not see becomes a doubt.
 */
@NullMarked
package dev.pgrehearse.observe;

import org.jspecify.annotations.NullMarked;
