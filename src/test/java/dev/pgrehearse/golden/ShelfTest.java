package dev.pgrehearse.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.server.CacheDirectory;
import dev.pgrehearse.server.ServerProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShelfTest {
    private static final long GB = 1L << 30;

    @TempDir
    private Path cache;

    private final List<String> notices = new ArrayList<>();

    @BeforeEach
    void ownCache() {
        System.setProperty(CacheDirectory.SWITCH, cache.toString());
    }

    @AfterEach
    void usualCache() {
        System.clearProperty(CacheDirectory.SWITCH);
        System.clearProperty(KeepLimit.SWITCH);
    }

    /** Puts a dataset there, by what its facts say, last used some hours after 1970. */
    private Golden keep(String name, long bytes, int hour) throws IOException {
        String digest = DigestUtils.sha256Hex(name);
        Path place = Files.createDirectories(cache.resolve("datasets").resolve(new GoldenKey(digest).id()));
        Golden golden = new Golden(
                place.getFileName().toString(),
                digest,
                name,
                "small",
                "embedded",
                "18.6",
                place.resolve("data").toString(),
                "C",
                List.of(),
                "",
                bytes,
                "2026-11-20T00:00:00Z",
                1,
                List.of(),
                null,
                List.of(),
                null);
        Files.createDirectories(place.resolve("data/base"));
        Files.writeString(place.resolve("data/base/1"), "twelve bytes");
        Files.writeString(place.resolve("passwords"), "a\nb\n");
        Path facts = place.resolve("dataset.json");
        Files.writeString(facts, new ObjectMapper().writeValueAsString(golden));
        Files.setLastModifiedTime(facts, FileTime.from(Instant.EPOCH.plusSeconds(3600L * hour)));
        return golden;
    }

    private static List<String> names(Shelf shelf) throws IOException {
        return shelf.list().stream().map(entry -> entry.golden().scenario()).toList();
    }

    @Test
    void beyondTheLimitTheOneGoesWhoseUseIsLongestAgo() throws Exception {
        keep("middle", GB, 2);
        keep("newest", GB, 3);
        Golden oldest = keep("oldest", GB, 1);
        Shelf shelf = Shelf.open();

        System.setProperty(KeepLimit.SWITCH, "3GB");
        shelf.keepToLimit(notices::add);
        assertThat(names(shelf)).containsExactly("newest", "middle", "oldest");
        assertThat(notices).isEmpty();

        System.setProperty(KeepLimit.SWITCH, "2.5GB");
        shelf.keepToLimit(notices::add);
        assertThat(names(shelf)).containsExactly("newest", "middle");
        assertThat(cache.resolve("datasets").resolve(oldest.id())).doesNotExist();
        assertThat(notices)
                .containsExactly("Removed the kept dataset " + oldest.id() + " (oldest, small, 1.00 GB, last used"
                        + " 1970-01-01T01:00:00Z): all together took 3.00 GB, and PGREHEARSE_KEEP allows 2.50 GB.");
    }

    @Test
    void whatARunUsesStaysUntilTheRunEnds() throws Exception {
        Golden oldest = keep("oldest", GB, 1);
        keep("middle", GB, 2);
        Golden newest = keep("newest", GB, 3);
        System.setProperty(KeepLimit.SWITCH, "1GB");
        Shelf shelf = Shelf.open();
        shelf.use(new GoldenKey(oldest.digest()), () -> {});
        shelf.use(new GoldenKey(newest.digest()), () -> {});

        shelf.keepToLimit(notices::add);
        assertThat(names(shelf)).containsExactly("newest", "oldest");
        assertThat(shelf.list()).allMatch(Shelf.Entry::inUse);
        assertThat(shelf.remove(oldest)).isFalse();
        assertThat(notices).hasSize(2);
        assertThat(notices.get(1))
                .isEqualTo(
                        "The kept datasets take 2.00 GB, more than the 1.00 GB of PGREHEARSE_KEEP: those that are left"
                                + " are in use or cannot be removed.");

        shelf.release();
        assertThat(shelf.list()).noneMatch(Shelf.Entry::inUse);
        shelf.keepToLimit(notices::add);
        assertThat(names(shelf)).containsExactly("newest");
    }

    @Test
    void withoutASettingHalfOfWhatIsFreeOrKeptIsAllowed() throws Exception {
        keep("one", 4 * GB, 1);
        KeepLimit limit = Shelf.open().limit();
        // Others write on this disk too.
        long free = Files.getFileStore(cache).getUsableSpace();
        assertThat(limit.chosen()).isFalse();
        assertThat(limit.bytes()).isBetween((free + 4 * GB) / 2 - GB, (free + 4 * GB) / 2 + GB);
    }

    @Test
    void aLimitThatIsNoSizeIsToldAtOnce() {
        System.setProperty(KeepLimit.SWITCH, "much");
        assertThatThrownBy(Shelf::open)
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("PGREHEARSE_KEEP is `much`")
                .hasMessageContaining("PGREHEARSE_KEEP=40GB");
    }

    @Test
    void sizesHaveUnits() {
        Map.of("40GB", 40 * GB, "0MB", 0L, "1.5 GB", 3 * GB / 2, "2TB", 2048 * GB, " 512MB ", GB / 2)
                .forEach((text, bytes) ->
                        assertThat(KeepLimit.bytes(text)).as(text).isEqualTo(bytes));
        for (String wrong : List.of("40", "GB", "-1GB", "1KB", "1e3GB", "40gb")) {
            assertThatThrownBy(() -> KeepLimit.bytes(wrong)).as(wrong).isInstanceOf(ServerProblem.class);
        }
    }

    @Test
    void whatCannotBeReadIsListedApartAndRemoved() throws Exception {
        keep("whole", GB, 1);
        Path broken = cache.resolve("datasets").resolve(keep("broken", GB, 2).id());
        Files.writeString(broken.resolve("dataset.json"), "{");
        Path container =
                cache.resolve("datasets").resolve(keep("container", GB, 3).id());
        Files.delete(container.resolve("dataset.json"));
        Files.delete(container.resolve("data/base/1"));
        Files.delete(container.resolve("data/base"));
        Files.delete(container.resolve("data"));
        Shelf shelf = Shelf.open();

        assertThat(names(shelf)).containsExactly("whole");
        assertThat(shelf.unreadable())
                .extracting(Shelf.Unreadable::id)
                .containsExactlyInAnyOrder(
                        broken.getFileName().toString(), container.getFileName().toString());
        for (Shelf.Unreadable dataset : shelf.unreadable()) {
            boolean embedded = dataset.id().equals(broken.getFileName().toString());
            assertThat(dataset.bytes().isPresent()).isEqualTo(embedded);
            assertThat(dataset.bytes().orElse(0)).isEqualTo(embedded ? "twelve bytes".length() : 0);
            assertThat(shelf.remove(dataset)).isTrue();
        }
        assertThat(broken).doesNotExist();
        assertThat(shelf.unreadable()).isEmpty();
        assertThat(names(shelf)).containsExactly("whole");
    }
}
