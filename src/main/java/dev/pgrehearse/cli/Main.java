package dev.pgrehearse.cli;

/** Where the process begins and ends. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Interruption interruption = Interruption.watching(Thread.currentThread());
        int exitCode = CommandLines.run(arguments, interruption);
        interruption.exit(exitCode);
    }
}
