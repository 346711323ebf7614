package dev.pgrehearse.cli;

import picocli.CommandLine;

/** The tool's version: the jar's, or {@code development} when it runs from classes. */
final class ToolVersion implements CommandLine.IVersionProvider {
    static String text() {
        String version = ToolVersion.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"pgrehearse " + text()};
    }
}
