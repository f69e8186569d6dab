package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** UDP questions, several at once. */
final class Datagrams {
    /** A datagram and where it goes. */
    record Shot(InetSocketAddress destination, ByteBuffer content) {}

    private static final int LARGEST = 65_535;

    private Datagrams() {}

    /** Open if one of them is answered by where it went. */
    static Seen answeredAny(List<Shot> shots, Duration timeout) throws IOException {
        Set<String> reasons = new TreeSet<>();
        long end = System.nanoTime() + timeout.toNanos();
        try (Selector selector = Selector.open()) {
            try {
                for (Shot shot : shots) {
                    send(selector, shot, reasons);
                }
                boolean early = true;
                while (early && !selector.keys().isEmpty()) {
                    early = Streams.await(selector, end);
                    for (SelectionKey key : selector.selectedKeys()) {
                        Optional<Seen> open = receive(key, reasons);
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

    private static void send(Selector selector, Shot shot, Set<String> reasons) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.configureBlocking(false);
        try {
            // Connected, so that only the destination's answers and refusals come in.
            channel.connect(shot.destination());
            channel.write(shot.content().duplicate());
            channel.register(selector, SelectionKey.OP_READ, shot.destination());
        } catch (IOException e) {
            reasons.add(Streams.reason(e));
            channel.close();
        }
    }

    private static Optional<Seen> receive(SelectionKey key, Set<String> reasons)
            throws IOException {
        DatagramChannel channel = (DatagramChannel) key.channel();
        try {
            int length = channel.read(ByteBuffer.allocate(LARGEST));
            return Optional.of(
                    Seen.open(
                            "answered with "
                                    + length
                                    + " octets by "
                                    + Streams.text((InetSocketAddress) key.attachment())));
        } catch (PortUnreachableException e) {
            reasons.add("refused");
        } catch (IOException e) {
            reasons.add(Streams.reason(e));
        }
        channel.close();
        return Optional.empty();
    }
}
