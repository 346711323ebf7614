package dev.pgrehearse.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/**
 * What a user wrote, checked and resolved: every default is filled in.
 *
 * @param name the scenario's name
 * @param description one or two sentences for the report; empty when the file has none
 * @param directory the folder of the file: relative paths start here
 * @param conditions what holds for every variant that does not say otherwise
 * @param variants the ways to write or run the migration, in the file's order
 * @param digest SHA-256, in hexadecimal, of the resolved document and of every SQL file it names
 * @param places where its values were written
 * @param document the resolved document as JSON: {@code extends}, {@code --set} and the rest applied, defaults not
 */
public record Scenario(
        String name,
        String description,
        Path directory,
        Conditions conditions,
        List<Variant> variants,
        String digest,
        Places places,
        ObjectNode document) {}
