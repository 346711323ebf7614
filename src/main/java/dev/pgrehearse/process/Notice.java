package dev.pgrehearse.process;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the supervisor tells the tool: one JSON line each on its standard output. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "told")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Notice.Started.class, name = "started"),
    @JsonSubTypes.Type(value = Notice.NotStarted.class, name = "notStarted"),
    @JsonSubTypes.Type(value = Notice.Exited.class, name = "exited"),
    @JsonSubTypes.Type(value = Notice.Trouble.class, name = "trouble")
})
sealed interface Notice {
    record Started(long id, long pid) implements Notice {}

    record NotStarted(long id, String why) implements Notice {}

    /** The child ended; {@code status} is 128 + n after signal n. */
    record Exited(long id, int status) implements Notice {}

    /** Something could not be done, in a sentence. */
    record Trouble(String text) implements Notice {}
}
