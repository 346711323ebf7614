/** The one clock of a rehearsal, and what is known of the server's clock beside it. */
@NullMarked
package dev.pgrehearse.clock;

import org.jspecify.annotations.NullMarked;
