package io.sallyport.iptables.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The CNI plugin, built to stop at the first octet that it reads or writes where it should not,
 * with a node that says anything.
 */
@Needs("cc")
class PluginTest {
    private static final String POD =
            "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"timeoutSeconds\":3,\"socket\":\"%s\"}";

    @TempDir static Path directory;
    private static Path plugin;

    private record Ended(int exit, String output, String errors) {}

    @BeforeAll
    static void build() throws Exception {
        plugin = directory.resolve("sallyport-cni");
        Process build =
                new ProcessBuilder(
                                "sh",
                                "src/main/c/build.sh",
                                plugin.toString(),
                                "-g",
                                "-O1",
                                "-fsanitize=address,undefined",
                                "-fno-sanitize-recover=all")
                        .inheritIO()
                        .start();
        assertThat(build.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(build.exitValue()).isZero();
    }

    /** A node that hears one call and says something, or hangs up without a word. */
    private static final class Node implements AutoCloseable {
        final Path socket = directory.resolve("node-" + System.nanoTime() + ".sock");
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final ServerSocketChannel listening;

        Node(byte[] answer, boolean hangsUp) throws IOException {
            listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listening.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().start(() -> serve(answer, hangsUp));
        }

        private void serve(byte[] answer, boolean hangsUp) {
            try (SocketChannel caller = listening.accept()) {
                heard.add(request(Channels.newInputStream(caller)));
                ByteBuffer octets = ByteBuffer.wrap(answer);
                while (octets.hasRemaining()) {
                    caller.write(octets);
                }
                if (!hangsUp) {
                    assertThat(caller.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                }
            } catch (IOException e) {
                heard.add("the plugin hung up: " + e.getMessage());
            }
        }

        private static String request(InputStream stream) throws IOException {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            while (true) {
                String text = whole.toString(StandardCharsets.UTF_8);
                int head = text.indexOf("\r\n\r\n");
                if (head > 0) {
                    String announced = text.replaceAll("(?s).*Content-Length: (\\d+).*", "$1");
                    int length = Integer.parseInt(announced);
                    byte[] had = whole.toByteArray();
                    int bodyAt =
                            text.substring(0, head + 4).getBytes(StandardCharsets.UTF_8).length;
                    whole.write(stream.readNBytes(length - (had.length - bodyAt)));
                    return whole.toString(StandardCharsets.UTF_8).substring(head + 4);
                }
                int octet = stream.read();
                if (octet < 0) {
                    return "cut short";
                }
                whole.write(octet);
            }
        }

        /** Its socket stays where it was. */
        void dies() throws IOException {
            listening.close();
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }

    private static byte[] answer(String status, String body) {
        return ("HTTP/1.1 "
                        + status
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length
                        + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Ended call(String command, Map<String, String> more, byte[] input)
            throws Exception {
        ProcessBuilder builder = new ProcessBuilder(plugin.toString());
        builder.environment().put("CNI_COMMAND", command);
        builder.environment().put("CNI_CONTAINERID", "c1");
        builder.environment().put("CNI_IFNAME", "eth0");
        builder.environment().putAll(more);
        Path errors = Files.createTempFile(directory, "plugin", ".err");
        Process process = builder.redirectError(errors.toFile()).start();
        Thread.ofVirtual().start(() -> feed(process, input));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(errors);
        assertThat(said).doesNotContain("Sanitizer", "runtime error");
        return new Ended(process.exitValue(), output.strip(), said);
    }

    private static void feed(Process process, byte[] input) {
        try (var stream = process.getOutputStream()) {
            stream.write(input);
        } catch (IOException e) {
            process.children(); // it has read as much as it wants to
        }
    }

    private static Ended call(String command, String input) throws Exception {
        return call(command, Map.of(), input.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void saysWhichVersionsItSpeaksWithoutANode() throws Exception {
        Ended ended = call("VERSION", "{\"cniVersion\":\"1.1.0\"}");

        assertThat(ended.exit()).isZero();
        assertThat(ended.output())
                .isEqualTo(
                        "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}");
        assertThat(call("VERSION", "").exit()).isZero();
    }

    @Test
    void carriesTheCallAndPrintsTheAnswer() throws Exception {
        String result = "{\"cniVersion\":\"1.0.0\",\"ips\":[]}";
        try (Node node = new Node(answer("200 OK", result), false)) {
            String config = POD.formatted(node.socket);
            Map<String, String> odd =
                    Map.of("CNI_ARGS", "A=\"\\\n\u0001é", "CNI_NETNS", "/run/netns/x");

            Ended ended = call("ADD", odd, config.getBytes(StandardCharsets.UTF_8));

            assertThat(ended.exit()).isZero();
            assertThat(ended.output()).isEqualTo(result);
            assertThat(node.heard.poll(5, TimeUnit.SECONDS))
                    .startsWith("{\"command\":\"ADD\",\"timeoutMillis\":")
                    .contains(
                            "\"containerId\":\"c1\",\"netns\":\"/run/netns/x\",\"ifname\":\"eth0\"")
                    .contains("\"args\":\"A=\\\"\\\\\\u000a\\u0001é\"")
                    .endsWith(",\"config\":" + config + "}");
        }
    }

    @Test
    void printsTheNodesRefusalAndFails() throws Exception {
        String refusal = "{\"cniVersion\":\"1.0.0\",\"code\":101,\"msg\":\"no\"}";
        for (String command : List.of("ADD", "DEL", "CHECK")) {
            try (Node node = new Node(answer("422 Unprocessable Content", refusal), false)) {
                Ended ended = call(command, POD.formatted(node.socket));

                assertThat(ended.exit()).isEqualTo(1);
                assertThat(ended.output()).isEqualTo(refusal);
            }
        }
    }

    /** Who is not there at all, is dead and has left its socket, or hears and says nothing. */
    enum Mute {
        NOBODY,
        DEAD,
        SILENT
    }

    @ParameterizedTest
    @EnumSource
    void withoutANodeEachCommandEndsAsItShould(Mute mute) throws Exception {
        record Told(String command, int code, CompletableFuture<Ended> ended) {}
        List<Told> calls =
                Map.of("ADD", 11, "CHECK", 11, "GC", 11, "STATUS", 51, "DEL", 0).entrySet().stream()
                        .map(each ->
                                new Told(
                                        each.getKey(),
                                        each.getValue(),
                                        CompletableFuture.supplyAsync(
                                                () -> withoutANode(mute, each.getKey()),
                                                Thread::startVirtualThread)))
                        .toList();
        for (Told call : calls) {
            Ended ended = call.ended().get(30, TimeUnit.SECONDS);
            assertThat(ended.exit()).as(call.command()).isEqualTo(call.code() == 0 ? 0 : 1);
            if (call.code() == 0) {
                assertThat(ended.output()).isEmpty();
                assertThat(ended.errors()).contains("DEL without the node");
            } else {
                assertThat(ended.output()).contains("\"code\":" + call.code() + ",");
            }
        }
    }

    private static Ended withoutANode(Mute mute, String command) {
        try (Node node = new Node(new byte[0], false)) {
            if (mute == Mute.DEAD) {
                node.dies();
            }
            String socket = mute == Mute.NOBODY ? "/nobody.sock" : node.socket.toString();
            return call(
                    command,
                    POD.formatted(socket).replace("\"timeoutSeconds\":3", "\"timeoutSeconds\":1"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing that a broken or strange node says is taken for a result. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}x",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "HTTP/1.1 xyz OK\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nsorry",
                "SSH-2.0-node\r\n\r\n",
                "\u0000\u0000\r\n\r\n",
            })
    void strangeAnswerIsNone(String answer) throws Exception {
        try (Node node = new Node(answer.getBytes(StandardCharsets.UTF_8), true)) {
            Ended ended = call("ADD", POD.formatted(node.socket));

            assertThat(ended.exit()).isEqualTo(1);
            assertThat(ended.output()).contains("\"code\":11,");
        }
    }

    @Test
    void answerWithoutEndIsCutOff() throws Exception {
        byte[] endless = new byte[3 << 20];
        java.util.Arrays.fill(endless, (byte) 'a');
        try (Node node = new Node(endless, true)) {
            assertThat(call("ADD", POD.formatted(node.socket)).output()).contains("too long");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                                     | 6",
                "[]                                                   | 6",
                "{                                                    | 6",
                "{\"cniVersion\":\"1.0.0\"} x                         | 6",
                "{\"cniVersion\":\"1.0.0\"},\"command\":\"DEL\"       | 6",
                "{\"cniVersion\":\"1.0.0\"}}                          | 6",
                "{\"cniVersion\":\"1.0.0\",\"a\":\"\\\"}              | 6",
                "{\"cniVersion\":\"1.0.0\",}                          | 6",
                "{\"cniVersion\":\"0.2.0\"}                           | 1",
                "{\"cniVersion\":1}                                   | 1",
                "{\"cniVersion\":\"\"}                                | 1",
                "{\"name\":\"x\"}                                     | 1",
                "{\"cniVersion\":\"1.0.0\",\"socket\":\"relative\"}   | 7",
                "{\"cniVersion\":\"1.0.0\",\"socket\":7}              | 7",
                "{\"cniVersion\":\"1.0.0\",\"socket\":\"\"}           | 7",
                "{\"cniVersion\":\"1.0.0\",\"socket\":\"/a\\u0000b\"} | 7",
                "{\"cniVersion\":\"1.0.0\",\"timeoutSeconds\":0}      | 7",
                "{\"cniVersion\":\"1.0.0\",\"timeoutSeconds\":\"9\"}  | 7",
                "{\"cniVersion\":\"1.0.0\",\"timeoutSeconds\":9999999999} | 7",
                "{\"cniVersion\":\"1.0.0\",\"timeoutSeconds\":-1}     | 7",
            })
    void badConfigurationIsRefusedBeforeAnybodyIsAsked(String config, int code) throws Exception {
        Ended ended = call("ADD", config == null ? "" : config);

        assertThat(ended.exit()).isEqualTo(1);
        assertThat(ended.output()).contains("\"code\":" + code + ",");
    }

    @Test
    void whatIsTooLongOrTooDeepIsRefused() throws Exception {
        String pod =
                "{\"cniVersion\":\"1.0.0\",\"timeoutSeconds\":1,\"socket\":\"/nowhere\",\"x\":";
        assertThat(call("ADD", pod + "[".repeat(100_000) + "]".repeat(100_000) + "}").output())
                .contains("\"code\":6,");
        assertThat(call("ADD", pod + "\"" + "a".repeat(1 << 20) + "\"}").output())
                .contains("\"code\":7,");
        assertThat(call("ADD", pod.replace("/nowhere", "/" + "n".repeat(200)) + "1}").output())
                .contains("\"code\":7,");
        byte[] config = (pod + "1}").getBytes(StandardCharsets.UTF_8);
        Ended ended = call("ADD", Map.of("CNI_ARGS", "A=" + "a".repeat(5000)), config);
        assertThat(ended.exit()).isEqualTo(1);
        assertThat(call("ADD", Map.of(), new byte[] {'{', 0, '}'}).output())
                .contains("\"code\":6,");
        assertThat(call("NONSENSE", "{}").output()).contains("\"code\":4,");
    }
}
