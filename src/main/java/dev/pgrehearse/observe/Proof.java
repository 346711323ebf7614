package dev.pgrehearse.observe;

/**
 * Whether an adversary's backend stands as its kind demands.
 *
 * @param stands true when the server's own views prove it
 * @param words what was seen
 */
public record Proof(boolean stands, String words) {}
