package dev.pgrehearse.cli;

import dev.pgrehearse.scenario.Overrides;
import picocli.CommandLine;

/** Reads {@code path=value}. */
final class AssignmentConverter implements CommandLine.ITypeConverter<Overrides.Assignment> {
    @Override
    public Overrides.Assignment convert(String text) {
        try {
            return Overrides.Assignment.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new CommandLine.TypeConversionException(wrong.getMessage());
        }
    }
}
