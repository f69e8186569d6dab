package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** TCP connections, several at once. */
final class Streams {
    private Streams() {}

    /** Open if one of them can be connected to. */
    static Seen connectAny(List<InetSocketAddress> destinations, Duration timeout)
            throws IOException {
        return connectAny(Optional.empty(), destinations, timeout);
    }

    /** As above, from a source address of this machine. */
    static Seen connectAny(
            Optional<InetSocketAddress> source,
            List<InetSocketAddress> destinations,
            Duration timeout)
            throws IOException {
        Set<String> reasons = new TreeSet<>();
        long end = System.nanoTime() + timeout.toNanos();
        try (Selector selector = Selector.open()) {
            try {
                for (InetSocketAddress destination : destinations) {
                    Optional<Seen> open = start(selector, source, destination, reasons);
                    if (open.isPresent()) {
                        return open.get();
                    }
                }
                boolean early = true;
                while (early && !selector.keys().isEmpty()) {
                    early = await(selector, end);
                    for (SelectionKey key : selector.selectedKeys()) {
                        Optional<Seen> open = finish(key, reasons);
                        if (open.isPresent()) {
                            return open.get();
                        }
                    }
                    selector.selectedKeys().clear();
                    selector.selectNow();
                }
                if (!selector.keys().isEmpty()) {
                    reasons.add("silence");
                }
                return Seen.blocked(String.join(", ", reasons));
            } finally {
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
    }

    /**
     * For something to happen, or the end. After the end it only looks, and says so: on a busy
     * machine what happened long ago may not have been looked at yet.
     */
    static boolean await(Selector selector, long end) throws IOException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            selector.selectNow();
            return false;
        }
        selector.select(Math.max(1, left / 1_000_000));
        return true;
    }

    private static Optional<Seen> start(
            Selector selector,
            Optional<InetSocketAddress> source,
            InetSocketAddress destination,
            Set<String> reasons)
            throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        try {
            if (source.isPresent()) {
                channel.bind(source.get());
            }
            if (channel.connect(destination)) {
                channel.close();
                return Optional.of(connected(destination));
            }
            channel.register(selector, SelectionKey.OP_CONNECT, destination);
        } catch (IOException e) {
            reasons.add(reason(e));
            channel.close();
        }
        return Optional.empty();
    }

    private static Optional<Seen> finish(SelectionKey key, Set<String> reasons) {
        try (SocketChannel channel = (SocketChannel) key.channel()) {
            key.cancel();
            return channel.finishConnect()
                    ? Optional.of(connected((InetSocketAddress) key.attachment()))
                    : Optional.empty();
        } catch (IOException e) {
            reasons.add(reason(e));
            return Optional.empty();
        }
    }

    private static Seen connected(InetSocketAddress destination) {
        return Seen.open("connected to " + text(destination));
    }

    /** Without a scope, zeros shortened. */
    static String text(InetAddress address) {
        return address.getHostAddress()
                .replaceFirst("%.*", "")
                .replaceFirst("(^|:)(?:0(?::|$)){2,}", "::");
    }

    static String text(InetSocketAddress address) {
        String host = text(address.getAddress());
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** The kernel's word in few. */
    static String reason(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case ConnectException e when message.contains("refused") -> "refused";
            case NoRouteToHostException e -> "refused by a router, or no route";
            default ->
                    message.contains("unreachable") ? "no route" : message.toLowerCase(Locale.ROOT);
        };
    }
}
