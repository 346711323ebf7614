/** A PostgreSQL to rehearse on: embedded or in a container, behind one contract. */
@NullMarked
package dev.pgrehearse.server;

import org.jspecify.annotations.NullMarked;
