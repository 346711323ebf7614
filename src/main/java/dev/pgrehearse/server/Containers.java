package dev.pgrehearse.server;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.api.model.WaitResponse;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Remains;
import dev.pgrehearse.process.Supervisor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The containers and volumes of one run, all from one image. Every name is chosen here and held by the supervisor before
 * the engine hears it. Thread-safe.
 */
final class Containers {
    /** All names of ours begin so. */
    static final String PREFIX = "pgrehearse-";

    /** On every container and volume of ours: the cache directory of the installation that made it. */
    static final String LABEL = "dev.pgrehearse.cache";

    private static final ExposedPort POSTGRES = ExposedPort.tcp(5432);
    private static final String LOOPBACK = "127.0.0.1";

    /** The engine's 64 MB break parallel index builds. */
    private static final long SHARED_MEMORY_BYTES = 1L << 30;

    private static final long LOG_BOUND_SECONDS = 20;
    private static final int ONE_LINE_EACH = 500;

    /** The end of a container that ran a script: its status and all that it printed. */
    record Finished(int status, String output) {}

    /** A file for a container that is created but not started yet. */
    record FileInside(String directory, String name, String text, int mode) {}

    private final DockerClient client;
    private final Supervisor supervisor;
    private final String image;
    private final String prefix = PREFIX + UUID.randomUUID().toString().substring(0, 8) + "-";
    private final Map<String, String> names = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    private Containers(DockerClient client, Supervisor supervisor, String image) {
        this.client = client;
        this.supervisor = supervisor;
        this.image = image;
    }

    static Containers of(String image, Supervisor supervisor) {
        DockerClient client;
        try {
            client = ContainerEngine.connect();
        } catch (EngineMissing e) {
            throw new ServerProblem(
                    "No container engine answers.",
                    "Nothing was started.",
                    "Start Docker or Podman (or set DOCKER_HOST), or let the scenario say"
                            + " `server: { kind: embedded }`.",
                    e);
        }
        pullIfMissing(client, image);
        return new Containers(client, supervisor, image);
    }

    private static void pullIfMissing(DockerClient client, String image) {
        try {
            client.inspectImageCmd(image).exec();
            return;
        } catch (NotFoundException e) {
            // Asked for below, once.
        }
        try {
            client.pullImageCmd(image).exec(new PullImageResultCallback()).awaitCompletion();
            client.inspectImageCmd(image).exec();
        } catch (RuntimeException e) {
            throw new ServerProblem(
                    "The image " + image + " is not on this machine and cannot be pulled: " + e.getMessage(),
                    "Nothing was started.",
                    "Run `docker pull " + image + "`, or name another image in server.image.",
                    e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Pulling " + image, e);
        }
    }

    String newVolume() {
        String name = prefix + "data-" + next.incrementAndGet();
        supervisor.hold(new Remains.Volume(name));
        try {
            client.createVolumeCmd()
                    .withName(name)
                    .withLabels(Map.of(LABEL, CacheDirectory.choose().toString()))
                    .exec();
        } catch (DockerException e) {
            throw refused("make the volume " + name, e);
        }
        return name;
    }

    boolean hasVolume(String name) {
        try {
            client.inspectVolumeCmd(name).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        } catch (DockerException e) {
            throw refused("look at the volume " + name, e);
        }
    }

    /** The image's content, whatever its name means tomorrow. */
    String imageId() {
        try {
            return client.inspectImageCmd(image).exec().getId();
        } catch (DockerException e) {
            throw refused("look at the image " + image, e);
        }
    }

    /** Lets a volume outlive the tool. */
    void keepVolume(String name) {
        supervisor.release(new Remains.Volume(name));
    }

    String image() {
        return image;
    }

    void removeVolume(String name) {
        try {
            ContainerEngine.removeVolume(client, name);
        } catch (ConflictException e) {
            throw new ServerProblem(
                    "The volume " + name + " is in use.", "It was not removed.", "Stop its server first.", e);
        } catch (DockerException e) {
            throw refused("remove the volume " + name, e);
        }
        supervisor.release(new Remains.Volume(name));
    }

    /**
     * Runs a shell script in a container of the image, without any network, and removes the container.
     *
     * @param user such as {@code root}
     * @param mounts path in the container by volume name
     */
    Finished run(String user, Map<String, String> mounts, List<FileInside> files, String script) {
        String id = create(user, mounts, script, new HostConfig().withNetworkMode("none"), "task");
        try {
            files.forEach(file -> put(id, file));
            start(id);
            CompletableFuture<Integer> exit = exit(id);
            return new Finished(exit.get(), logs(id));
        } catch (ExecutionException e) {
            throw refused("wait for a container of " + image, e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Waiting for a container of " + image, e);
        } finally {
            remove(id);
        }
    }

    /** Creates the container of a server, published on a random port of 127.0.0.1 only; not started yet. */
    String createServer(Map<String, String> mounts, String script) {
        HostConfig host = new HostConfig()
                .withShmSize(SHARED_MEMORY_BYTES)
                .withPortBindings(new PortBinding(Ports.Binding.bindIp(LOOPBACK), POSTGRES));
        return create("postgres", mounts, script, host, "server");
    }

    private String create(String user, Map<String, String> mounts, String script, HostConfig host, String purpose) {
        String name = prefix + purpose + "-" + next.incrementAndGet();
        List<Bind> binds = new ArrayList<>();
        mounts.forEach((volume, path) -> binds.add(new Bind(volume, new Volume(path))));
        supervisor.hold(new Remains.Container(name));
        try (CreateContainerCmd command = client.createContainerCmd(image)) {
            String id = command.withName(name)
                    .withUser(user)
                    .withLabels(Map.of(LABEL, CacheDirectory.choose().toString()))
                    .withEntrypoint("sh", "-c", script)
                    .withCmd(List.of())
                    .withExposedPorts(POSTGRES)
                    .withStopSignal("SIGINT")
                    .withHostConfig(host.withBinds(binds))
                    .exec()
                    .getId();
            names.put(id, name);
            return id;
        } catch (DockerException e) {
            throw refused("create a container of " + image, e);
        }
    }

    void put(String id, FileInside file) {
        try {
            client.copyArchiveToContainerCmd(id)
                    .withRemotePath(file.directory())
                    .withTarInputStream(new ByteArrayInputStream(tar(file)))
                    .exec();
        } catch (DockerException e) {
            throw refused("copy " + file.name() + " into a container", e);
        } catch (IOException e) {
            throw new IllegalStateException("an archive in memory cannot fail", e);
        }
    }

    private static byte[] tar(FileInside file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            byte[] content = file.text().getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry(file.name());
            entry.setSize(content.length);
            entry.setMode(file.mode());
            entry.setUserId(0);
            entry.setGroupId(0);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    void start(String id) {
        try {
            client.startContainerCmd(id).exec();
        } catch (DockerException e) {
            throw refused("start a container of " + image, e);
        }
    }

    /** Completes with the status of a container that was started. */
    CompletableFuture<Integer> exit(String id) {
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        client.waitContainerCmd(id).exec(new ResultCallback.Adapter<WaitResponse>() {
            @Override
            public void onNext(WaitResponse response) {
                exit.complete(response.getStatusCode());
            }

            @Override
            public void onError(Throwable failure) {
                exit.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                // After a status this changes nothing.
                exit.completeExceptionally(new IOException("the engine stopped telling about the container"));
            }
        });
        // On another thread than the engine's answers: what hangs on it may ask the engine for more.
        return exit.thenApplyAsync(status -> status);
    }

    void signal(String id, String signal) {
        try {
            client.killContainerCmd(id).withSignal("SIG" + signal).exec();
        } catch (NotFoundException | ConflictException e) {
            // It has ended meanwhile; its exit tells how.
            return;
        } catch (DockerException e) {
            throw refused("send " + signal + " to a container", e);
        }
    }

    /** What the container printed, the last lines of it. */
    String logs(String id) {
        StringBuilder text = new StringBuilder();
        try {
            client.logContainerCmd(id)
                    .withStdOut(true)
                    .withStdErr(true)
                    .withTail(ONE_LINE_EACH)
                    .exec(new ResultCallback.Adapter<Frame>() {
                        @Override
                        public void onNext(Frame frame) {
                            text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                        }
                    })
                    .awaitCompletion(LOG_BOUND_SECONDS, TimeUnit.SECONDS);
        } catch (RuntimeException e) {
            return "(the container's output cannot be read: " + e.getMessage() + ")";
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Reading a container's output", e);
        }
        return text.toString();
    }

    InspectContainerResponse inspect(String id) {
        try {
            return client.inspectContainerCmd(id).exec();
        } catch (DockerException e) {
            throw refused("look at a container", e);
        }
    }

    /** The port of 127.0.0.1 that leads to a started server's container; 0 when it has none (it has ended). */
    int publishedPort(String id) {
        Ports.Binding[] bindings =
                inspect(id).getNetworkSettings().getPorts().getBindings().get(POSTGRES);
        return bindings == null || bindings.length == 0 ? 0 : Integer.parseInt(bindings[0].getHostPortSpec());
    }

    void remove(String id) {
        try {
            ContainerEngine.removeContainer(client, id);
        } catch (DockerException e) {
            throw refused("remove a container", e);
        }
        String name = names.remove(id);
        if (name != null) {
            supervisor.release(new Remains.Container(name));
        }
    }

    private static ServerProblem refused(String what, Exception e) {
        return new ServerProblem(
                "The container engine could not " + what + ": " + e.getMessage(),
                "Containers and volumes of this run are removed when it ends.",
                "Look at the engine's message above and at its log.",
                e);
    }
}
