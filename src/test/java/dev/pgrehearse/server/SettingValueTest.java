package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingValueTest {
    @ParameterizedTest
    @CsvSource({
        "512MB, 65536, 8kB, integer, true", // 512 * 1024 / 8
        "512MB, 65537, 8kB, integer, false",
        "65536, 65536, 8kB, integer, true",
        "1GB, 1048576, kB, integer, true",
        "1024kB, 1, MB, integer, true",
        "1gb, 1048576, kB, integer, false", // PostgreSQL's units are case-sensitive
        "1min, 60000, ms, integer, true",
        "1.5s, 1500, ms, integer, true",
        "1h, 3600, s, integer, true",
        "0.1, 0.1, , real, true",
        "1e3x, 1000, , integer, false",
        "yes, on, , bool, true",
        "0, off, , bool, true",
        "on, off, , bool, false",
        "REPLICA, replica, , enum, true",
        "true, on, , enum, true",
        "a, b, , string, false",
        "A, A, , string, true"
    })
    void comparesByValue(String asked, String setting, String unit, String type, boolean same) {
        assertThat(SettingValue.same(asked, setting, unit, type)).isEqualTo(same);
    }
}
