/** What production's data are restored from: dumps, physical backups, and the programs that read them. */
@NullMarked
package dev.pgrehearse.restore;

import org.jspecify.annotations.NullMarked;
