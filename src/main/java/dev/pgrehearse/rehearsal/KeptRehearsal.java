package dev.pgrehearse.rehearsal;

/**
 * What a rehearsal left behind on purpose: its database, as it was when it ended.
 *
 * @param id the rehearsal's
 * @param location a path, or the name of a container engine's volume
 * @param start the shell command that starts a server on it
 * @param connect the shell command that opens a session there
 * @param remove the shell command that removes it all
 */
public record KeptRehearsal(String id, String location, String start, String connect, String remove) {}
