package dev.pgrehearse.process;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the tool tells the supervisor: one JSON line each on its standard input. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Command.Start.class, name = "start"),
    @JsonSubTypes.Type(value = Command.Signal.class, name = "signal"),
    @JsonSubTypes.Type(value = Command.Hold.class, name = "hold"),
    @JsonSubTypes.Type(value = Command.Release.class, name = "release"),
    @JsonSubTypes.Type(value = Command.Close.class, name = "close")
})
sealed interface Command {
    /** Start a child; {@code id} names it from now on. */
    record Start(long id, Launch launch) implements Command {}

    /** Send a signal such as {@code INT} to the child, and with {@code tree} to all that descend from it. */
    record Signal(long id, String signal, boolean tree) implements Command {}

    /** Remove this when the tool is gone. */
    record Hold(Remains remains) implements Command {}

    /** It is gone already. */
    record Release(Remains remains) implements Command {}

    /** The end of the pipe that follows is an orderly one: no request of the tool can still be in flight. */
    record Close() implements Command {}
}
