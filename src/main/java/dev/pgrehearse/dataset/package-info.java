/** Data of production's size: schema, generation, loading, settling. */
@NullMarked
package dev.pgrehearse.dataset;

import org.jspecify.annotations.NullMarked;
