/** Read-only probes that tell how fast a server's machine is. */
@NullMarked
package dev.pgrehearse.calibration;

import org.jspecify.annotations.NullMarked;
