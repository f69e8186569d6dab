package io.sallyport.sync.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
    private static final Clock NOON =
            Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private static final Event TUNNEL =
            new Event(Kind.NAMES, "n-1", ".tunnel.example", 300, 11_990);
    private static final Event FLOOD = new Event(Kind.UPSTREAM_QUERIES, "n-2", "", 0, 0);

    @TempDir Path directory;

    private Path file() {
        return directory.resolve("events.jsonl");
    }

    @Test
    void writesVersionedLinesForTheOwnerOnly() throws IOException {
        try (EventLog log = EventLog.open(new EventFile(file()), NOON)) {
            log.happened(TUNNEL);
            log.happened(FLOOD);
        }

        assertThat(Files.readAllLines(file()))
                .containsExactly(
                        "{\"budget\":\"names\",\"event\":\"over-budget\",\"format\":1,\"network\":\"n-1\","
                                + "\"new-name-octets\":11990,\"new-names\":300,\"pattern\":\".tunnel.example\","
                                + "\"time\":\"2026-03-01T12:00:00Z\"}",
                        "{\"budget\":\"upstream-queries\",\"event\":\"over-budget\",\"format\":1,"
                                + "\"network\":\"n-2\",\"time\":\"2026-03-01T12:00:00Z\"}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void goesOnWhereItStoppedAndClosesAFileThatOthersCouldRead() throws IOException {
        Files.writeString(file(), "{\"format\":1}\n");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        try (EventLog log = EventLog.open(new EventFile(file()), NOON)) {
            log.happened(FLOOD);
        }

        assertThat(Files.readAllLines(file())).hasSize(2).first().isEqualTo("{\"format\":1}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void keepsOneOlderFileAndNoMore() throws IOException {
        EventFile small = new EventFile(file(), 300, FileChannel::write);
        small.open();
        for (int i = 0; i < 10; i++) {
            assertThat(small.append("x".repeat(99))).isNull();
        }
        small.close();

        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
        assertThat(Files.size(file())).isEqualTo(100);
        assertThat(Files.size(directory.resolve("events.jsonl.1"))).isEqualTo(300);
    }

    @Test
    void neverWaitsAndCountsWhatItCannotKeep() throws IOException {
        EventLog log = EventLog.open(new EventFile(file()), NOON);
        for (int i = 0; i < 200_000; i++) {
            log.happened(FLOOD);
        }
        log.close();

        List<String> lines = Files.readAllLines(file());
        long lost =
                lines.stream()
                        .filter(line -> line.contains("events-lost"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D*(\\d+).*", "$1")))
                        .sum();
        long kept = lines.stream().filter(line -> line.contains("over-budget")).count();
        assertThat(kept + lost).isEqualTo(200_000);
        assertThat(lost).isPositive();
    }

    @Test
    void aFileThatCannotBeWrittenIsToldOnceAndTriedAgain() throws IOException {
        Path gone = directory.resolve("gone");
        Files.createDirectory(gone);
        EventFile file = new EventFile(gone.resolve("events.jsonl"), 10, FileChannel::write);
        file.open();
        Files.delete(gone.resolve("events.jsonl"));
        Files.delete(gone);

        assertThat(file.append("longer than ten octets")).contains("cannot write events");
        assertThat(file.append("again")).isNull();
        Files.createDirectory(gone);
        assertThat(file.append("back")).isNull();
        file.close();
        assertThat(gone.resolve("events.jsonl")).hasContent("back\n");
    }

    @Test
    void aLineThatWasCutShortSpoilsNoOther() throws IOException {
        AtomicInteger writes = new AtomicInteger();
        EventFile file =
                new EventFile(
                        file(),
                        EventFile.MOST_OCTETS,
                        (channel, octets) -> {
                            int write = writes.getAndIncrement();
                            if (write == 1) {
                                channel.write(octets.slice(0, 3));
                                octets.position(3);
                                return 3;
                            }
                            if (write == 2 || write == 3) {
                                throw new IOException("no space left");
                            }
                            return channel.write(octets);
                        });
        file.open();

        assertThat(file.append("{\"a\":1}")).isNull();
        assertThat(file.append("{\"b\":2}")).contains("no space left");
        assertThat(file.append("{\"c\":3}")).isNull();
        assertThat(file.append("{\"d\":4}")).isNull();
        assertThat(file.append("{\"e\":5}")).isNull();
        file.close();
        assertThat(Files.readAllLines(file()))
                .containsExactly("{\"a\":1}", "{\"b", "{\"d\":4}", "{\"e\":5}");
    }

    @Test
    void anEventThatCannotBeToldIsCountedAndThoseBehindItAreTold() throws IOException {
        AtomicInteger writes = new AtomicInteger();
        EventFile file =
                new EventFile(
                        file(),
                        EventFile.MOST_OCTETS,
                        (channel, octets) ->
                                switch (writes.getAndIncrement()) {
                                    case 0 -> throw new IllegalStateException("of our own");
                                    case 1, 2 -> throw new IOException("no space left");
                                    default -> channel.write(octets);
                                });
        try (EventLog log = EventLog.open(file, NOON)) {
            log.happened(TUNNEL);
            log.happened(TUNNEL);
            log.happened(TUNNEL);
            log.happened(FLOOD);
        }

        List<String> lines = Files.readAllLines(file());
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).contains("n-1");
        assertThat(lines.get(1)).contains("events-lost", "\"count\":2");
        assertThat(lines.get(2)).contains("n-2");
    }
}
