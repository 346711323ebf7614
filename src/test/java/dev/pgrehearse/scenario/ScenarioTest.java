package dev.pgrehearse.scenario;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test on a directory of its own with a small right scenario. */
abstract class ScenarioTest {
    @TempDir
    Path directory;

    ScenarioFixture fixture;

    @BeforeEach
    void writeFixture() {
        fixture = new ScenarioFixture(directory);
    }
}
