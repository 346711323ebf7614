/** How much generated data are like the profile that they were generated from. */
@NullMarked
package dev.pgrehearse.fidelity;

import org.jspecify.annotations.NullMarked;
