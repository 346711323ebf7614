/** Migration scripts into statements with file and line, and the runner that executes them. */
@NullMarked
package dev.pgrehearse.migration;

import org.jspecify.annotations.NullMarked;
