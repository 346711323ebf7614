package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.Quoted;

/** A table in the catalogue's case. */
record Relation(String schema, String name) {
    /** As SQL. */
    String quoted() {
        return Quoted.identifier(schema, name);
    }
}
