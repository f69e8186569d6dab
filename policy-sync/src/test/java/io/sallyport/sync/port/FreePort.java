package io.sallyport.sync.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that nobody listens at, for who must know it before the server is there. Linux gives none
 * of these to whoever asks for any port, unless it is told to.
 */
public final class FreePort {
    private static final int FIRST = 10_000;
    private static final int LAST = 30_000; // Linux gives away those from 32768 on

    private FreePort() {}

    /** On the loopback address. */
    public static int any() throws IOException {
        for (int tries = 1; ; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (ServerSocket free =
                    new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
                return free.getLocalPort();
            } catch (IOException e) {
                if (tries == 100) {
                    throw e;
                }
            }
        }
    }
}
