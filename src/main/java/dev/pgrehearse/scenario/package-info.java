/** What a user writes: records, their strict reader, the JSON Schema. */
@NullMarked
package dev.pgrehearse.scenario;

import org.jspecify.annotations.NullMarked;
