/** Production-like load: arrivals, application instances with real pools, adversaries. */
@NullMarked
package dev.pgrehearse.workload;

import org.jspecify.annotations.NullMarked;
