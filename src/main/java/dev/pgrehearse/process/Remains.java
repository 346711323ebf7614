package dev.pgrehearse.process;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Something of ours that must be gone when the tool is gone. Held before it exists, released after it is removed. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Remains.Directory.class, name = "directory"),
    @JsonSubTypes.Type(value = Remains.Container.class, name = "container"),
    @JsonSubTypes.Type(value = Remains.Volume.class, name = "volume")
})
public sealed interface Remains {
    /**
     * A directory with all that is in it, or a single file.
     *
     * @param path absolute
     */
    record Directory(String path) implements Remains {}

    /**
     * A container of the engine that {@link ContainerEngine#connect} finds.
     *
     * @param name chosen by us, so that it can be held before the engine knows it
     */
    record Container(String name) implements Remains {}

    /**
     * A named volume of that engine.
     *
     * @param name chosen by us
     */
    record Volume(String name) implements Remains {}
}
