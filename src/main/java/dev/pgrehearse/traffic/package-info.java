/** Makes a workload's operations of what production runs, or of a schema alone: statements that run, and values that hit. */
@org.jspecify.annotations.NullMarked
package dev.pgrehearse.traffic;
