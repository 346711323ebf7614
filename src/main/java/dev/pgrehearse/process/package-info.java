/** Supervised child processes, and the ledger of what must be gone when the tool is gone. */
@NullMarked
package dev.pgrehearse.process;

import org.jspecify.annotations.NullMarked;
