package dev.pgrehearse.cli;

import dev.pgrehearse.scenario.ServerSpec;
import java.util.Locale;
import picocli.CommandLine;

/** Reads the kind of a server as scenarios write it. */
final class KindConverter implements CommandLine.ITypeConverter<ServerSpec.Kind> {
    @Override
    public ServerSpec.Kind convert(String text) {
        for (ServerSpec.Kind kind : ServerSpec.Kind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(text)) {
                return kind;
            }
        }
        throw new CommandLine.TypeConversionException("found `" + text + "`, expected embedded or container");
    }
}
