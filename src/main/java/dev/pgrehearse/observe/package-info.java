/** Probes that watch the server while the migration runs under load. */
@NullMarked
package dev.pgrehearse.observe;

import org.jspecify.annotations.NullMarked;
