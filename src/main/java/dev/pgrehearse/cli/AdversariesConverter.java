package dev.pgrehearse.cli;

import dev.pgrehearse.plan.Choices;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code each} or {@code none}. */
final class AdversariesConverter implements ITypeConverter<Choices.Adversaries> {
    @Override
    public Choices.Adversaries convert(String value) {
        return switch (value) {
            case "each" -> Choices.Adversaries.EACH;
            case "none" -> Choices.Adversaries.NONE;
            default -> throw new TypeConversionException("expected: each or none, but was '" + value + "'");
        };
    }
}
