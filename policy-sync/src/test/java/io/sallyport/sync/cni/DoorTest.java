package io.sallyport.sync.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.session.Sessions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The socket is closed while the runtime asks how the node is, which takes its time. */
class DoorTest {
    private static final String STATUS =
            """
            {"command":"STATUS","containerId":"","ifname":"","timeoutMillis":20000,"args":"",
             "config":{"cniVersion":"1.1.0","name":"pods","type":"sallyport-cni"}}
            """;

    @TempDir private Path directory;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch known = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        known.countDown();
    }

    private final class Slow implements Cni.Health {
        @Override
        public List<String> readiness() {
            asked.countDown();
            try {
                assertThat(known.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                return List.of("interrupted");
            }
            return List.of();
        }

        @Override
        public List<String> inKernel() {
            return List.of();
        }
    }

    private Path socket() {
        return directory.resolve("run/cni.sock");
    }

    @SuppressWarnings("NullAway") // who asks for the status asks for no session
    private Door open(Duration lastCalls) throws IOException {
        Sessions none = null;
        return Door.open(
                socket(),
                new Attachments(none, Cni.Birth.PENDING, new Slow(), List.of()),
                new Tally(),
                lastCalls);
    }

    private CompletableFuture<String> call() throws Exception {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket()));
        String request =
                "POST /v1/cni HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\n"
                        + "Connection: close\r\nContent-Length: "
                        + STATUS.length()
                        + "\r\n\r\n"
                        + STATUS;
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try (channel) {
                        byte[] octets = Channels.newInputStream(channel).readAllBytes();
                        answer.complete(new String(octets, StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        answer.complete("");
                    }
                });
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        return answer;
    }

    @Test
    void whoeverHasAskedIsAnsweredBeforeItIsClosed() throws Exception {
        Door door = open(Duration.ofSeconds(30));
        CompletableFuture<String> answer = call();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        Thread.ofPlatform()
                .start(() -> {
                    try {
                        door.close();
                        closed.complete(true);
                    } catch (IOException | RuntimeException e) {
                        closed.completeExceptionally(e);
                    }
                });
        assertThat(closed.isDone()).isFalse();

        known.countDown();

        assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
        assertThat(directory.resolve("run").toFile().list())
                .as("the name is whoever takes over's")
                .containsExactly("cni.sock");
    }

    /** Whoever takes over must not begin while the call may still change something. */
    @Test
    void aCallThatDoesNotEndInTimeIsSaid() throws Exception {
        Door door = open(Duration.ofMillis(50));
        CompletableFuture<String> answer = call();

        assertThatThrownBy(door::close).hasMessageContaining("under way still");

        assertThat(answer.get(20, TimeUnit.SECONDS)).doesNotContain("200");
        assertThatThrownBy(() -> SocketChannel.open(UnixDomainSocketAddress.of(socket())))
                .isInstanceOf(IOException.class);
    }
}
