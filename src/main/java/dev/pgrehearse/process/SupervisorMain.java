package dev.pgrehearse.process;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The process that outlives the tool by a few seconds: parent of all child processes, keeper of all that must be gone.
 * Reads {@link Command}s until the pipe from the tool ends, then ends everything (see {@link Ending}).
 *
 * <p>A TERM that somebody sends to it ends everything as well, by a shutdown hook.
 */
public final class SupervisorMain {
    private final Lines lines;
    private final Map<Long, Running> children = new ConcurrentHashMap<>();
    private final Set<Remains> remains = new LinkedHashSet<>();
    private boolean orderly;
    private boolean ended;

    private record Running(Process process, String gentleSignal) {}

    private SupervisorMain(Lines lines) {
        this.lines = lines;
    }

    /** Starts the supervisor; its arguments are not used. */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        // Nothing but notices may go to the pipe.
        System.setOut(System.err);
        SupervisorMain supervisor = new SupervisorMain(new Lines(System.in, out));
        Runtime.getRuntime().addShutdownHook(new Thread(supervisor::end, "end"));
        supervisor.readCommands();
        supervisor.end();
        System.exit(0);
    }

    private void readCommands() {
        try {
            for (Command command = lines.read(Command.class); command != null; command = lines.read(Command.class)) {
                obey(command);
            }
        } catch (IOException e) {
            // A broken last line of a tool that was killed while writing it: the same as the end of the pipe.
            tell(new Notice.Trouble("The supervisor cannot read the tool's commands any more: " + e.getMessage()));
        }
    }

    private void obey(Command command) {
        if (command instanceof Command.Start start) {
            start(start);
        } else if (command instanceof Command.Signal signal) {
            signal(signal);
        } else if (command instanceof Command.Hold hold) {
            synchronized (this) {
                remains.add(hold.remains());
            }
        } else if (command instanceof Command.Release release) {
            synchronized (this) {
                remains.remove(release.remains());
            }
        } else {
            synchronized (this) {
                orderly = true;
            }
        }
    }

    private void start(Command.Start start) {
        Launch launch = start.launch();
        ProcessBuilder builder = new ProcessBuilder(launch.command());
        builder.environment().putAll(launch.environment());
        if (launch.directory() != null) {
            builder.directory(new File(launch.directory()));
        }
        builder.redirectInput(Redirect.from(new File("/dev/null")));
        builder.redirectErrorStream(true);
        builder.redirectOutput(
                launch.output() == null ? Redirect.DISCARD : Redirect.appendTo(new File(launch.output())));
        Process process;
        synchronized (this) {
            if (ended) {
                tell(new Notice.NotStarted(start.id(), "the supervisor is ending"));
                return;
            }
            try {
                process = builder.start();
            } catch (IOException e) {
                tell(new Notice.NotStarted(start.id(), String.valueOf(e.getMessage())));
                return;
            }
            children.put(start.id(), new Running(process, launch.gentleSignal()));
        }
        tell(new Notice.Started(start.id(), process.pid()));
        // `tell` throws nothing that could be lost with this future.
        CompletableFuture<Void> unused = process.onExit().thenAccept(gone -> {
            children.remove(start.id());
            tell(new Notice.Exited(start.id(), gone.exitValue()));
        });
    }

    private void signal(Command.Signal signal) {
        Running child = children.get(signal.id());
        if (child == null) {
            return;
        }
        List<ProcessHandle> family = Stream.concat(
                        signal.tree() ? child.process().descendants() : Stream.<ProcessHandle>empty(),
                        Stream.of(child.process().toHandle()))
                .toList();
        for (ProcessHandle one : family) {
            try {
                Signals.send(one.pid(), signal.signal());
            } catch (IOException | IllegalArgumentException e) {
                tell(new Notice.Trouble("The signal " + signal.signal() + " was not sent: " + e.getMessage()));
            }
        }
    }

    /** Runs once, whoever comes first: the end of the pipe or a TERM. */
    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        List<Ending.Child> family = children.values().stream()
                .map(child -> new Ending.Child(child.process().toHandle(), child.gentleSignal()))
                .toList();
        for (String trouble : new Ending(orderly).end(family, List.copyOf(remains))) {
            // The tool may be gone, and this is the last chance to tell anybody.
            System.err.println("pgrehearse: " + trouble);
        }
    }

    private void tell(Notice notice) {
        try {
            lines.write(Notice.class, notice);
        } catch (IOException e) {
            // The tool is gone; the end of the command pipe, which comes at the same time, does what must be done.
            return;
        }
    }
}
