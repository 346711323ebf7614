package dev.pgrehearse.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestLogTest {
    @TempDir
    Path folder;

    @Test
    void everyFieldComesBack() throws IOException {
        RequestEntry entry = new RequestEntry(
                3,
                2,
                RequestEntry.Kind.EARLIER_TRY,
                Outcome.DEADLOCK,
                5,
                10,
                20,
                30,
                RequestEntry.NEVER,
                50,
                15,
                4_194_304);
        try (RequestLog log = RequestLog.create(folder)) {
            log.add(entry);
            log.add(new RequestEntry(0, 0, Outcome.OK, 1, 1, 2, 3, 4, 5));
        }
        assertThat(read()).containsExactly(entry, new RequestEntry(0, 0, Outcome.OK, 1, 1, 2, 3, 4, 5));
    }

    @Test
    void aLogFromBeforeEarlierTriesWereToldIsRead() throws IOException {
        RequestEntry late = Requests.work(5, 7);
        try (RequestLog log = RequestLog.create(folder)) {
            log.add(late);
        }
        Path file = folder.resolve(RequestLog.FILE_NAME);
        byte[] bytes = Files.readAllBytes(file);
        byte[] magic = "pgrehearse-requests/2\n".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, bytes, 0, magic.length);
        Files.write(file, bytes);

        assertThat(read()).containsExactly(late);
    }

    @Test
    void aLogFromBeforeBackendsWereKnownIsRead() throws IOException {
        ByteBuffer old = ByteBuffer.allocate(22 + 48);
        old.put("pgrehearse-requests/1\n".getBytes(StandardCharsets.US_ASCII));
        old.putShort((short) 1).putShort((short) 2).put((byte) 0).put((byte) 0).putShort((short) 3);
        for (long nanos = 100; nanos < 600; nanos += 100) {
            old.putLong(nanos);
        }
        Files.write(folder.resolve(RequestLog.FILE_NAME), old.array());

        assertThat(read())
                .containsExactly(new RequestEntry(
                        1,
                        2,
                        RequestEntry.Kind.REQUEST,
                        Outcome.OK,
                        3,
                        100,
                        200,
                        300,
                        400,
                        500,
                        100,
                        RequestEntry.NO_BACKEND));
    }

    private List<RequestEntry> read() throws IOException {
        List<RequestEntry> entries = new ArrayList<>();
        RequestLog.read(folder, entries::add);
        return entries;
    }
}
