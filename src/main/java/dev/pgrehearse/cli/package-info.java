/** Commands, console and exit codes: the only code that touches standard output, standard error and the exit. */
@NullMarked
package dev.pgrehearse.cli;

import org.jspecify.annotations.NullMarked;
