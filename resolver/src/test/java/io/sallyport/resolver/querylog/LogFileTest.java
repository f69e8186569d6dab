package io.sallyport.resolver.querylog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogFileTest {
    /** A question for a.example, type A, as its denial repeats it. */
    private static final byte[] MESSAGE =
            "\1\2\201\203\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1"
                    .getBytes(StandardCharsets.ISO_8859_1);

    @TempDir private Path directory;

    private static Entry entry() {
        return new Entry(
                Instant.EPOCH,
                5000,
                "n-1",
                new byte[] {10, 0, 0, 1},
                false,
                0x0100,
                Outcome.NO_RULE,
                Origin.POLICY,
                MESSAGE,
                3);
    }

    @Test
    void fileThatGrowsTooLargeIsSetAsideOnce() throws IOException {
        Path file = directory.resolve("q");
        LogFile log = LogFile.open(file, new JsonLines(), 1000);
        for (int i = 0; i < 20; i++) {
            log.write(Collections.nCopies(2, entry()));
        }
        log.end();
        assertThat(Files.size(file)).isBetween(1L, 1000L);
        assertThat(Files.size(directory.resolve("q.1"))).isBetween(1L, 1000L);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void streamOfFramesBeginsAnewInAfileOfItsOwn() throws IOException {
        Path file = directory.resolve("q.tap");
        Files.writeString(file, "what an earlier run left");
        LogFile log = LogFile.open(file, new Dnstap());
        log.write(List.of(entry()));
        log.end();
        assertThat(Files.readString(directory.resolve("q.tap.1"))).startsWith("what an earlier");
        assertThat(Files.readAllBytes(file)).startsWith(FrameStream.start());
        assertThat(Files.readAllBytes(file)).endsWith(FrameStream.stop());
    }

    @Test
    void streamOfAnotherProcessIsLeftAlone() throws IOException {
        Path file = directory.resolve("q.tap");
        LogFile log = LogFile.open(file, new Dnstap());
        Files.move(file, directory.resolve("elsewhere"));
        Files.writeString(file, "another process");
        assertThatThrownBy(log::attend).hasMessageContaining("written by another process");
        assertThatThrownBy(() -> log.write(List.of(entry()))).hasMessageContaining("not open");
        assertThat(Files.readString(file)).isEqualTo("another process");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
        log.attend();
        log.write(List.of(entry()));
        log.end();
        assertThat(Files.readAllBytes(file)).startsWith(FrameStream.start());
        assertThat(Files.readString(directory.resolve("q.tap.1"))).isEqualTo("another process");
    }

    @Test
    void symbolicLinkIsNotFollowed() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "");
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        assertThatThrownBy(() -> LogFile.open(link, new JsonLines()))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "/a/b,denied,JSON,/a/b,true,1",
        "dnstap:/a/b,all,DNSTAP,/a/b,false,1",
        "dnstap:unix:/a/b,1/100,DNSTAP_SOCKET,/a/b,false,100"
    })
    void placesAndModes(
            String place, String mode, String kind, String path, boolean denied, int oneIn) {
        assertThat(QueryLog.Config.parse(place, mode))
                .isEqualTo(
                        new QueryLog.Config(
                                QueryLog.Kind.valueOf(kind), Path.of(path), denied, oneIn));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1/0", "1/", "2/3", "some", "", "1/1000001", "1/-4"})
    void otherModesAreRefused(String mode) {
        assertThatThrownBy(() -> QueryLog.Config.parse("/a", mode))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("denied, all, or 1/N");
    }
}
