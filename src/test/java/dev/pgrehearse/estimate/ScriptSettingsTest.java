package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.RecordingJson;
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

    /** After a reset nobody knows here which statement ran with what. */
    @Test
    void whatIsResetIsUnclear() throws Exception {
        assertThat(afterReset("reset maintenance_work_mem").unclear()).containsExactly("maintenance_work_mem");
        assertThat(afterReset("RESET ALL;").unclear()).containsExactly("maintenance_work_mem");
        assertThat(afterReset("reset lock_timeout").unclear()).isEmpty();
    }

    private static ScriptSettings afterReset(String reset) throws Exception {
        ObjectMapper json = RecordingJson.mapper();
        ObjectNode tree =
                json.valueToTree(Runs.recording(Did.of("set maintenance_work_mem = '2GB'", Map.of()), 1000, 1));
        ArrayNode statements = (ArrayNode) tree.at("/migration/statements");
        ObjectNode second = statements.get(0).deepCopy();
        statements.removeAll();
        statements.add(second.deepCopy());
        statements.add(second.put("index", 2).put("sql", reset));
        return ScriptSettings.of(RecordingJson.read(json.writeValueAsString(tree)));
    }

    @Test
    void whatIsNotUnderstoodIsUnclear() {
        assertThat(of("set maintenance_work_mem to default").unclear()).containsExactly("maintenance_work_mem");
        assertThat(of("set maintenance_work_mem to default").over(Map.of("maintenance_work_mem", 1.0)))
                .containsEntry("maintenance_work_mem", Double.NaN);
        assertThat(of("set lock_timeout = '2s'")).isEqualTo(ScriptSettings.NONE);
    }
}
