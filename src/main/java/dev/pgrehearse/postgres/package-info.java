/** PostgreSQL's own vocabulary: lock modes and their conflicts, SQLSTATEs, connection details, sessions. */
@NullMarked
package dev.pgrehearse.postgres;

import org.jspecify.annotations.NullMarked;
