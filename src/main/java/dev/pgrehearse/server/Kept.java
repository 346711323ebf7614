package dev.pgrehearse.server;

/**
 * A data directory that stays after the tool has ended.
 *
 * @param location a path, or the name of a container engine's volume
 * @param start the shell command that starts a server on it
 * @param connect the shell command that opens a session there; the password is in a file that it names
 * @param remove the shell command that removes it all
 */
public record Kept(String location, String start, String connect, String remove) {}
