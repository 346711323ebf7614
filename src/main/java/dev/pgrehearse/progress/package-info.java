/** What the program is doing, as one stream of events: for progress bars, the live view and `--json`. */
@NullMarked
package dev.pgrehearse.progress;

import org.jspecify.annotations.NullMarked;
