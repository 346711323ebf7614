package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class TimerSlackTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void isThatOfTheCallingThreadAlone() throws Exception {
        long before = slack();
        AtomicReference<Object> seen = new AtomicReference<>();

        Thread thread = new Thread(() -> {
            try {
                seen.set(TimerSlack.shortenForThisThread() ? slack() : "not granted");
            } catch (IOException failure) {
                seen.set(failure);
            }
        });
        thread.start();
        thread.join();

        // Of a container that does not let it be changed nothing can be said.
        assertThat(seen.get()).isIn(1L, "not granted");
        assertThat(slack()).isEqualTo(before);
    }

    private static long slack() throws IOException {
        Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
        return Long.parseLong(Files.readString(Path.of("/proc", thread.toString(), "timerslack_ns"))
                .strip());
    }
}
