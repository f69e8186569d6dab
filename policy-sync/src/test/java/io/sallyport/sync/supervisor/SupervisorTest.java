package io.sallyport.sync.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
    @TempDir private Path directory;

    @Test
    void saysThatItIsReadyAndWhichProcessItIs() throws IOException {
        Path path = directory.resolve("notify");
        Socket socket = Socket.newSocketDomainDgram();
        try {
            socket.bind(new DomainSocketAddress(path.toString()));
            Supervisor supervisor = Supervisor.of(Map.of("NOTIFY_SOCKET", path.toString()));

            supervisor.ready("2 sessions restored");
            assertThat(received(socket))
                    .isEqualTo(
                            "READY=1\nWATCHDOG=1\nMAINPID="
                                    + ProcessHandle.current().pid()
                                    + "\nSTATUS=2 sessions restored");
            supervisor.alive();
            assertThat(received(socket)).isEqualTo("WATCHDOG=1");
        } finally {
            socket.close();
        }
    }

    @Test
    void hasTheWatchdogsPatienceOnlyWhereItIsMeant() {
        String own = Long.toString(ProcessHandle.current().pid());

        assertThat(Supervisor.of(Map.of("WATCHDOG_USEC", "30000000")).watchdog())
                .contains(Duration.ofSeconds(30));
        assertThat(
                        Supervisor.of(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", own))
                                .watchdog())
                .contains(Duration.ofSeconds(30));
        assertThat(
                        Supervisor.of(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "1"))
                                .watchdog())
                .isEmpty();
        assertThat(Supervisor.of(Map.of("WATCHDOG_USEC", "soon")).watchdog()).isEmpty();
    }

    @Test
    void nobodyWaitsAndNothingIsSaid() {
        Supervisor nobody = Supervisor.of(Map.of());
        Supervisor gone = Supervisor.of(Map.of("NOTIFY_SOCKET", directory + "/gone"));

        assertThat(nobody.address()).isEmpty();
        assertThatCode(() -> gone.ready("all is well")).doesNotThrowAnyException();
    }

    private static String received(Socket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256);
        DomainDatagramSocketAddress sender =
                socket.recvFromDomainSocket(buffer, 0, buffer.capacity());
        byte[] octets = new byte[sender.receivedAmount()];
        buffer.get(0, octets);
        return new String(octets, StandardCharsets.UTF_8);
    }
}
