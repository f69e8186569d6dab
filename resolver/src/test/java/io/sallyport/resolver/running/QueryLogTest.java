package io.sallyport.resolver.running;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.querylog.QueryLog;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Message;

/** What a resolver writes down of the queries that it is sent. */
class QueryLogTest {
    private static final Pattern LINE =
            Pattern.compile("\\{(\"[a-z]+\":(\"([^\"\\\\]|\\\\.)*\"|\\d+),?)+}");

    @TempDir private Path directory;

    private Running running(Path file, String mode) throws IOException {
        return new Running(
                query -> query.reply(query.good()),
                Optional.of(QueryLog.Config.parse(file.toString(), mode)));
    }

    private static void await(String what, BooleanSupplier condition) {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void deniedNamesAreWrittenDownAndNothingElse() throws IOException {
        Path file = directory.resolve("queries.log");
        try (Running running = running(file, "denied")) {
            var _ = running.ask(Running.CLIENT, query("www.example.com", A));
            var _ = running.ask(Running.CLIENT, query("Evil\".example.net", A));
            var _ = running.ask(Running.STRANGER, query("www.example.com", A));
            await("two lines", () -> lines(file).size() == 2);
            await(
                    "and they are counted",
                    () -> running.counter("sallyport_query_log_entries_total") == 2);
        }
        assertThat(lines(file)).allMatch(line -> LINE.matcher(line).matches());
        assertThat(lines(file).getFirst())
                .contains("\"client\":\"127.0.0.2\",\"decision\":\"deny\",\"format\":1,")
                .contains("\"name\":\"evil\\\\034.example.net\",\"network\":\"127.0.0.2\"")
                .contains("\"proto\":\"udp\",\"rcode\":\"NXDOMAIN\",\"reason\":\"no_rule\"")
                .endsWith(",\"type\":\"A\"}");
        assertThat(lines(file).getLast())
                .contains("\"network\":\"\",", "\"rcode\":\"REFUSED\"", "unknown_client");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void oneQueryInTenIsWrittenDown() throws IOException {
        Path file = directory.resolve("queries.log");
        try (Running running = running(file, "1/10")) {
            for (int i = 0; i < 40; i++) {
                var _ = running.ask(Running.CLIENT, query("www.example.com", A));
            }
            // Two loops count apart.
            await("some lines", () -> lines(file).size() >= 2);
        }
        assertThat(lines(file)).hasSizeBetween(2, 4);
        assertThat(lines(file)).allMatch(line -> line.contains("\"decision\":\"allow\""));
    }

    @Test
    void renamedFileIsLeftForAnewOne() throws IOException {
        Path file = directory.resolve("queries.log");
        Path rotated = directory.resolve("queries.log.1");
        try (Running running = running(file, "all")) {
            var _ = running.ask(Running.CLIENT, query("one.example.com", A));
            await("a line", () -> lines(file).size() == 1);
            Files.move(file, rotated);
            await("a new file", () -> Files.exists(file));
            var _ = running.ask(Running.CLIENT, query("two.example.com", A));
            await("a line in it", () -> lines(file).size() == 1);
        }
        assertThat(lines(rotated)).singleElement().asString().contains("one.example.com");
        assertThat(lines(file)).singleElement().asString().contains("two.example.com");
    }

    @Test
    void fullDiskCostsEntriesAndNoAnswers() throws IOException {
        try (Running running = running(Path.of("/dev/full"), "all")) {
            for (int i = 0; i < 20; i++) {
                assertThat(running.ask(Running.CLIENT, query("www.example.com", A)).getRcode())
                        .isZero();
            }
            await(
                    "all are counted",
                    () -> running.counter("sallyport_query_log_dropped_total") == 20);
            assertThat(running.counter("sallyport_query_log_entries_total")).isZero();
        }
    }

    @Test
    void whateverIsSentMakesSoundLines() throws IOException {
        Path file = directory.resolve("queries.log");
        Random random = new Random(6);
        try (Running running = running(file, "all");
                DatagramSocket socket = running.udp(Running.CLIENT)) {
            byte[] sound = query("www.example.com", A).octets();
            for (int i = 0; i < 2000; i++) {
                byte[] broken = sound.clone();
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
                }
                socket.send(new DatagramPacket(broken, broken.length));
            }
            byte[] last = query("last.example.com", A).octets();
            byte[] reply = {};
            for (int i = 0; i < 20 && reply.length == 0; i++) { // the rest may be in its way
                reply = running.ask(Running.CLIENT, last, 500);
            }
            assertThat(new Message(reply).getRcode()).isZero();
            await(
                    "the last line",
                    () -> lines(file).stream().anyMatch(line -> line.contains("last.example")));
        }
        assertThat(lines(file)).hasSizeGreaterThan(100);
        assertThat(lines(file)).allMatch(line -> LINE.matcher(line).matches());
        assertThat(String.join("", lines(file)))
                .satisfies(text ->
                        assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(text))
                                .isTrue());
    }
}
