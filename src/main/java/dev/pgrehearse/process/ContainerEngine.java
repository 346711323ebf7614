package dev.pgrehearse.process;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;

/**
 * The container engine of this machine, found as Testcontainers finds it: {@code DOCKER_HOST}, the user's
 * {@code .testcontainers.properties}, the usual sockets, rootless ones too.
 *
 * <p>Only Testcontainers' search and client are used, not its {@code DockerClientFactory}: in 2.0.5 that one starts its
 * own cleaning container (whose image would have to be pulled) unless an environment variable of the JVM forbids it,
 * and pulls another image to find its gateway where {@code /.dockerenv} exists. The supervisor does that cleaning here.
 */
public final class ContainerEngine {
    /** Testcontainers' strategy that follows DOCKER_HOST, by name, since it is not to be used directly. */
    private static final String FROM_ENVIRONMENT = "EnvironmentAndSystemPropertyClientProviderStrategy";

    private ContainerEngine() {}

    /**
     * Connects. The client is thread-safe and lives as long as the process.
     *
     * @throws EngineMissing if no engine answers
     */
    public static DockerClient connect() {
        List<DockerClientProviderStrategy> strategies = new ArrayList<>();
        ServiceLoader.load(DockerClientProviderStrategy.class).forEach(strategies::add);
        try {
            DockerClient client = choose(strategies).getDockerClient();
            client.pingCmd().exec();
            return client;
        } catch (RuntimeException e) {
            throw new EngineMissing(
                    "No container engine answers (looked at DOCKER_HOST, ~/.testcontainers.properties and the usual"
                            + " sockets). Nothing was started. Start Docker or Podman, or let the scenario say"
                            + " `server: { kind: embedded }`.",
                    e);
        }
    }

    /** Who names an engine in DOCKER_HOST means that one: never another that happens to answer, now or an earlier time. */
    private static DockerClientProviderStrategy choose(List<DockerClientProviderStrategy> strategies) {
        String named = System.getenv("DOCKER_HOST");
        if (named == null || named.isBlank()) {
            return DockerClientProviderStrategy.getFirstValidStrategy(strategies);
        }
        return strategies.stream()
                .filter(strategy -> strategy.getClass().getSimpleName().equals(FROM_ENVIRONMENT))
                .findFirst()
                .orElseThrow();
    }

    /** Removes a container, running or not, with its anonymous volumes; says whether there was one. */
    public static boolean removeContainer(DockerClient client, String name) {
        try {
            client.removeContainerCmd(name)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    /** Removes a volume that no container uses; says whether there was one. */
    public static boolean removeVolume(DockerClient client, String name) {
        try {
            client.removeVolumeCmd(name).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }
}
