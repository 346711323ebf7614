package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.ServerSpec.Kind;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads everything about a rehearsal but the migration, and checks that its parts go together. */
final class ConditionsReader {
    /** The major version of the binaries in the jar. */
    static final int EMBEDDED_VERSION = 18;

    /** The server's start and its own access depend on them. */
    static final Set<String> SETTINGS_OF_OURS = Set.of(
            "port",
            "listen_addresses",
            "data_directory",
            "config_file",
            "hba_file",
            "ident_file",
            "external_pid_file",
            "unix_socket_directories");

    private final SqlFiles files;
    private final FakerExpressions expressions = new FakerExpressions();
    private final PoolReader pools;

    ConditionsReader(SqlFiles files) {
        this.files = files;
        this.pools = new PoolReader(files);
    }

    Conditions read(Cursor root) {
        DatasetReader.Read dataset = new DatasetReader(root.at("dataset"), files, expressions).read();
        ValueReader parameters = new ValueReader("key", dataset.tables(), dataset.names(), expressions);
        StandbySpec standby = new StandbyReader(root.at("server")).read();
        WorkloadSpec workload = new WorkloadReader(root.at("workload"), parameters, standby != null).read();
        Set<String> operations = workload.operations().stream()
                .map(WorkloadSpec.Operation::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        AdversariesReader adversaries = new AdversariesReader(
                dataset.tables(), dataset.names(), root.at("server").at("settings"));
        ServerSpec server = server(root.at("server"));
        return new Conditions(
                server,
                standby,
                dataset.spec(),
                new AppReader(root.at("app"), pools, server).read(),
                workload,
                phases(root.at("phases")),
                adversaries.read(root.at("adversaries")),
                adversaries.standard(root.at("adversaries")),
                new LimitsReader(root.at("limits")).read(operations));
    }

    private static ServerSpec server(Cursor server) {
        boolean container = server.at("kind").text("embedded").equals("container");
        Cursor image = server.at("image");
        Cursor version = server.at("version");
        if (container && !image.isPresent()) {
            server.at("kind").mistake("`container` without an image", "`image` beside it, such as postgres:18", null);
        }
        if (!container && image.isPresent()) {
            image.mistakeOfKey("an image for an embedded server", "`image` with `kind: container` only", null);
        }
        int major = version.whole(container ? "0" : String.valueOf(EMBEDDED_VERSION), 0, 99);
        if (!container && major != EMBEDDED_VERSION) {
            version.mistake(EMBEDDED_VERSION + ", the only embedded version; others run with `kind: container`", null);
        }
        Map<String, String> settings = new LinkedHashMap<>();
        server.at("settings").entries().forEach((name, at) -> {
            if (SETTINGS_OF_OURS.contains(name)) {
                at.mistakeOfKey(Mistakes.quoted(name), "another setting: this one is set by pgrehearse itself", null);
            }
            settings.put(name, at.text());
        });
        return new ServerSpec(
                container ? Kind.CONTAINER : Kind.EMBEDDED,
                major,
                container && image.isPresent() ? image.text() : null,
                Collections.unmodifiableMap(settings));
    }

    private static PhasesSpec phases(Cursor phases) {
        Duration warmup = phases.at("warmup").duration("10s");
        Duration bound = phases.at("warmupBound").duration("60s");
        if (warmup.compareTo(bound) > 0) {
            Cursor at = phases.at("warmupBound").isPresent() ? phases.at("warmupBound") : phases.at("warmup");
            at.mistake(
                    "`warmup: " + Quantities.print(warmup) + "` beyond `warmupBound: " + Quantities.print(bound) + "`",
                    "a warm-up that is at most its bound",
                    null);
        }
        return new PhasesSpec(
                warmup,
                bound,
                phases.at("baseline").positive("30s"),
                phases.at("recoveryBound").positive("60s"));
    }
}
