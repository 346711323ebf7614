package dev.pgrehearse.server;

/**
 * The room that a host has for data directories.
 *
 * @param place a directory, in words that a user knows it by
 * @param freeBytes what may still be written there
 */
public record Room(String place, long freeBytes) {}
