package io.sallyport.sync.supervisor;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a service manager how this process is.
 *
 * @param address of its socket, as sendto(2) takes it; empty for none
 * @param watchdog within which it wants to hear of this process again and again
 */
public record Supervisor(Optional<byte[]> address, Optional<Duration> watchdog) {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    public static Supervisor of(Map<String, String> environment) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        boolean mine = environment.getOrDefault("WATCHDOG_PID", ownPid()).equals(ownPid());
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        return new Supervisor(
                Epoll.isAvailable() && (socket.startsWith("/") || socket.startsWith("@"))
                        ? Optional.of(address(socket))
                        : Optional.empty(),
                mine && micros.matches("[1-9][0-9]{0,15}")
                        ? Optional.of(Duration.ofNanos(Long.parseLong(micros) * 1000))
                        : Optional.empty());
    }

    /** A leading @ stands for the zero octet of an abstract name. */
    private static byte[] address(String socket) {
        byte[] octets = socket.getBytes(StandardCharsets.UTF_8);
        if (octets[0] == '@') {
            octets[0] = 0;
        }
        return octets;
    }

    private static String ownPid() {
        return Long.toString(ProcessHandle.current().pid());
    }

    /** This process does the work now, whichever did before: what that one had said last is old. */
    public void ready(String status) {
        say("READY=1\nWATCHDOG=1\nMAINPID=" + ownPid() + "\nSTATUS=" + status);
    }

    /** It is well, and waits for its turn. */
    public void standingBy() {
        say("READY=1\nSTATUS=standing by");
    }

    public void stopping() {
        say("STOPPING=1");
    }

    public void alive() {
        say("WATCHDOG=1");
    }

    /** Says that it is alive while it waits for something, until this is closed. */
    public Waiting whileWaiting() {
        Thread beat =
                Thread.ofVirtual()
                        .name("watchdog")
                        .unstarted(() -> {
                            try {
                                while (true) {
                                    alive();
                                    Thread.sleep(watchdog.orElseThrow().dividedBy(2));
                                }
                            } catch (InterruptedException e) {
                                LOG.debug("the wait is over");
                            }
                        });
        if (watchdog.isPresent()) {
            beat.start();
        }
        return beat::interrupt;
    }

    /** Something that takes its time. */
    @FunctionalInterface
    public interface Waiting extends AutoCloseable {
        @Override
        void close();
    }

    private void say(String text) {
        if (address.isEmpty()) {
            return;
        }
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(octets.length).put(octets);
        try {
            Socket socket = Socket.newSocketDomainDgram();
            try {
                socket.sendToDomainSocket(buffer, 0, octets.length, address.get());
            } finally {
                socket.close();
            }
        } catch (IOException e) {
            LOG.warn("the service manager cannot be told: {}", e.getMessage());
        }
    }
}
