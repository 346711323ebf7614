package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ServerSettingsTest {
    private static ServerSettings settings(Map<String, String> wanted) {
        return ServerSettings.of(18, List.of("pg_stat_statements"), "127.0.0.1", 5432, wanted);
    }

    @Test
    void theScenarioWinsOverTheDurableDefaults() {
        assertThat(settings(Map.of()).syncs()).isTrue();
        assertThat(settings(Map.of("FSYNC", "off")).values()).containsEntry("fsync", "off");
        assertThat(settings(Map.of("fsync", "off")).syncs()).isFalse();
    }

    @Test
    void preloadLibrariesAreAddedToThoseOfTheScenario() {
        assertThat(settings(Map.of("shared_preload_libraries", "auto_explain, pg_stat_statements"))
                        .values())
                .containsEntry("shared_preload_libraries", "pg_stat_statements,auto_explain");
    }

    @Test
    void withoutAnyLibraryTheSettingIsLeftOut() {
        assertThat(ServerSettings.of(18, List.of(), "127.0.0.1", 5432, Map.of()).values())
                .doesNotContainKeys("shared_preload_libraries", "pg_stat_statements.track_utility");
    }

    @Test
    void valuesAreQuotedForTheFile() {
        assertThat(settings(Map.of("search_path", "it's \\ here")).text())
                .contains("search_path = 'it''s \\\\ here'\n");
    }

    @Test
    void aValueCannotBringFurtherSettings() {
        assertThatThrownBy(() -> settings(Map.of("work_mem", "1MB'\nfsync = 'off")))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("server.settings.work_mem");
        assertThatThrownBy(() -> settings(Map.of("fsync = off #", "x"))).isInstanceOf(ServerProblem.class);
    }

    @Test
    void theServersMessageLeadsToTheScenariosKey() {
        ServerSettings settings = settings(Map.of("work_men", "1MB"));
        int line = settings.text()
                        .lines()
                        .map(text -> text.substring(0, text.indexOf(" ")))
                        .toList()
                        .indexOf("work_men")
                + 1;

        assertThat(settings.culprit("unrecognized … in file \"/x/pgrehearse.conf\" line " + line))
                .isEqualTo("work_men");
        assertThat(settings.culprit("invalid value for parameter \"work_men\": \"1MB\""))
                .isEqualTo("work_men");
        assertThat(settings.culprit("could not map anonymous shared memory")).isNull();
    }

    @Test
    void olderServersLogAsCsv() {
        assertThat(ServerSettings.of(14, List.of(), "127.0.0.1", 5432, Map.of()).values())
                .containsEntry("log_destination", "csvlog");
        assertThat(ServerSettings.of(15, List.of(), "127.0.0.1", 5432, Map.of()).values())
                .containsEntry("log_destination", "jsonlog");
    }
}
