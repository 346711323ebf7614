package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.estimate.Runs.Did;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptSettingsTest {
    private static ScriptSettings of(String sql) {
        return ScriptSettings.of(Runs.recording(Did.of(sql, Map.of()), 1000, 1));
    }

    /** Values by PostgreSQL's own units: kB where none is given, of 1024 bytes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "set maintenance_work_mem = '2GB' | maintenance_work_mem | 2147483648",
                "SET LOCAL maintenance_work_mem TO '512 MB'; | maintenance_work_mem | 536870912",
                "set session work_mem=65536 | work_mem | 67108864",
                "set hash_mem_multiplier to 1.5 | hash_mem_multiplier | 1.5",
                "set max_parallel_maintenance_workers = 4 | max_parallel_maintenance_workers | 4"
            })
    void aSettingIsWhatTheMigrationSetsItTo(String sql, String name, double value) {
        assertThat(of(sql).values()).containsExactly(Map.entry(name, value));
        assertThat(of(sql).unclear()).isEmpty();
        assertThat(of(sql).over(Map.of(name, 1.0, "shared_buffers", 2.0)))
                .containsOnly(Map.entry(name, value), Map.entry("shared_buffers", 2.0));
    }

    @Test
    void whatIsNotUnderstoodIsUnclear() {
        assertThat(of("set maintenance_work_mem to default").unclear()).containsExactly("maintenance_work_mem");
        assertThat(of("set maintenance_work_mem to default").over(Map.of("maintenance_work_mem", 1.0)))
                .containsEntry("maintenance_work_mem", Double.NaN);
        assertThat(of("set lock_timeout = '2s'")).isEqualTo(ScriptSettings.NONE);
    }
}
