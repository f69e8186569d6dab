package io.sallyport.sync.page;

import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Binding;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the page. Each connection has a virtual thread and an end. */
public final class Page implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Page.class);

    /** What {@code GET /} says, by which the page is known. */
    public static final String GREETING =
            "Ask /explain?name=NAME why a name is allowed or blocked in this sandbox.\n";

    /** A person and a few agents; whoever opens more is not reading. */
    private static final int MOST_A_NETWORK = 4;

    /** At 16 kB each 16 MB, whatever all sandboxes do together. */
    private static final int MOST = 1024;

    /** From the first octet of the request to the last of the answer, both slow readers. */
    private static final long WITHIN_MILLIS = 3000;

    private static final int BACKLOG = 64;

    /** A fault of the machine, such as no file descriptors left, passes or does not. */
    private static final long PAUSE_MILLIS = 100;

    private final Networks networks;
    private final Answers answers;
    private final List<ServerSocket> listening = new ArrayList<>();
    private final Map<Binding, Integer> open = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("page-clock").daemon().factory());

    private Page(Networks networks, Answers answers) {
        this.networks = networks;
        this.answers = answers;
    }

    /**
     * @param addresses the resolver's own
     * @param port to which the kernel leads what sandboxes send to port 80 there
     * @throws IOException if it cannot be had
     */
    public static Page start(
            List<InetAddress> addresses, int port, Networks networks, Teller teller)
            throws IOException {
        return start(addresses, port, false, networks, teller);
    }

    /**
     * As {@link #start(List, int, Networks, Teller)}.
     *
     * @param shared whether another process of this node still serves it there; nobody else may
     */
    public static Page start(
            List<InetAddress> addresses, int port, boolean shared, Networks networks, Teller teller)
            throws IOException {
        Page page = new Page(networks, new Answers(teller));
        try {
            for (InetAddress address : addresses) {
                page.listen(new InetSocketAddress(address, port), shared);
            }
            return page;
        } catch (IOException e) {
            page.close();
            throw e;
        }
    }

    /** Knows what holds in a network. */
    @FunctionalInterface
    public interface Teller {
        /**
         * @param network whose sandbox asks
         * @param name as it was typed
         * @throws IllegalArgumentException with a sentence, if that is no name
         */
        Told tell(Binding network, String name);
    }

    /**
     * What is said of a name.
     *
     * @param text for people and agents
     * @param json the same for programs
     */
    public record Told(String text, String json) {}

    private void listen(InetSocketAddress address, boolean shared) throws IOException {
        ServerSocket socket = new ServerSocket();
        listening.add(socket);
        try {
            socket.setReuseAddress(true);
            socket.setOption(StandardSocketOptions.SO_REUSEPORT, shared);
            socket.bind(address, BACKLOG);
            socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        } catch (IOException e) {
            throw new IOException(
                    "cannot serve the page for sandboxes on " + address + ": " + e.getMessage(), e);
        }
        Thread.ofPlatform().name("page").daemon().start(() -> accept(socket));
    }

    private void accept(ServerSocket listener) {
        while (!listener.isClosed()) {
            try {
                welcome(listener.accept());
            } catch (SocketException e) {
                rest(listener);
            } catch (IOException | RuntimeException e) {
                if (!listener.isClosed()) {
                    LOG.warn("the page for sandboxes: {}", e.toString());
                }
                rest(listener);
            }
        }
    }

    private static void rest(ServerSocket listener) {
        try {
            if (!listener.isClosed()) {
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A stranger, and one connection too many, are closed without a word. */
    private void welcome(Socket client) throws IOException {
        Binding network = networks.find(client.getInetAddress().getAddress());
        if (network == null || !enter(network)) {
            client.close();
            return;
        }
        Visit visit = new Visit(client, network);
        ScheduledFuture<?> end = clock.schedule(visit::end, WITHIN_MILLIS, TimeUnit.MILLISECONDS);
        Thread.ofVirtual()
                .name("page")
                .start(() -> {
                    try {
                        answers.serve(client, network);
                    } catch (IOException e) {
                        LOG.debug("a sandbox left the page: {}", e.getMessage());
                    } catch (RuntimeException e) {
                        LOG.error("the page for sandboxes", e);
                    } finally {
                        end.cancel(false);
                        visit.end();
                    }
                });
    }

    /** A connection and the place it takes among its network's. */
    private final class Visit {
        private final Socket client;
        private final Binding network;
        private final AtomicBoolean over = new AtomicBoolean();

        Visit(Socket client, Binding network) {
            this.client = client;
            this.network = network;
        }

        /** Who sees the end finds the place free. Whoever waits for the client wakes. */
        void end() {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            leave(network);
            try {
                client.close();
            } catch (IOException e) {
                LOG.debug("a connection could not be closed: {}", e.getMessage());
            }
        }
    }

    private boolean enter(Binding network) {
        if (open.values().stream().mapToInt(Integer::intValue).sum() >= MOST) {
            return false;
        }
        int now = open.merge(network, 1, Integer::sum);
        if (now > MOST_A_NETWORK) {
            leave(network);
            return false;
        }
        return true;
    }

    private void leave(Binding network) {
        open.computeIfPresent(network, (_, count) -> count == 1 ? null : count - 1);
    }

    @Override
    public void close() {
        for (ServerSocket socket : listening) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.warn("while the page was closed: {}", e.getMessage());
            }
        }
        clock.shutdownNow();
    }
}
