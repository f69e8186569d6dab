package io.sallyport.sync.docker;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request and its answer over a Unix socket. It speaks HTTP/1.0 (RFC 1945), so that the answer
 * is neither cut into chunks nor followed by another: it ends when the connection does. Used by one
 * thread.
 */
final class Exchange implements Closeable {
    /** Ten thousand networks with their labels. */
    private static final int LONGEST_BODY = 16 << 20;

    /** An event is a kilobyte; labels of a container may be many. */
    private static final int LONGEST_LINE = 1 << 20;

    private static final int MOST_HEADERS = 100;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})\\b.*");

    private final Path socket;
    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private int status;

    private Exchange(Path socket, SocketChannel channel, Selector selector) {
        this.socket = socket;
        this.channel = channel;
        this.selector = selector;
    }

    /** Sends the request and reads the head of the answer. */
    static Exchange begin(Path socket, String method, String target, Duration patience)
            throws IOException {
        Selector selector = Selector.open();
        SocketChannel channel;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            selector.close();
            throw new IOException(
                    "no engine answers at "
                            + socket
                            + " ("
                            + e.getMessage()
                            + "); is Docker running? Name its socket with --docker-socket",
                    e);
        }
        Exchange exchange = new Exchange(socket, channel, selector);
        boolean done = false;
        try {
            String head =
                    method
                            + " "
                            + target
                            + " HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n";
            ByteBuffer request = ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII));
            while (request.hasRemaining()) {
                channel.write(request);
            }
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            exchange.head(patience);
            done = true;
            return exchange;
        } finally {
            if (!done) {
                exchange.close();
            }
        }
    }

    int status() {
        return status;
    }

    private void head(Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        Matcher first = STATUS.matcher(headLine(end));
        if (!first.matches()) {
            throw new IOException("what listens at " + socket + " does not speak HTTP");
        }
        status = Integer.parseInt(first.group(1));
        for (int i = 0; i < MOST_HEADERS; i++) {
            if (headLine(end).isBlank()) {
                return;
            }
        }
        throw new IOException("what listens at " + socket + " has too many headers");
    }

    private String headLine(long end) throws IOException {
        return line(end)
                .map(octets -> new String(octets, StandardCharsets.ISO_8859_1).stripTrailing())
                .orElseThrow(this::silent);
    }

    /**
     * The next line; empty if none has come whole by then.
     *
     * @throws EOFException if the answer has ended
     */
    Optional<byte[]> line(Duration patience) throws IOException {
        return line(System.nanoTime() + patience.toNanos());
    }

    private Optional<byte[]> line(long end) throws IOException {
        while (true) {
            while (buffer.hasRemaining()) {
                byte octet = buffer.get();
                if (octet == '\n') {
                    byte[] line = begun.toByteArray();
                    begun.reset();
                    return Optional.of(line);
                }
                if (begun.size() == LONGEST_LINE) {
                    throw new IOException("the engine at " + socket + " sent an endless line");
                }
                begun.write(octet);
            }
            switch (fill(end)) {
                case ENDED -> throw new EOFException("the engine at " + socket + " hung up");
                case SILENT -> {
                    return Optional.empty();
                }
                case MORE -> {}
            }
        }
    }

    /** Whether something has come that was not read. */
    boolean hasMore() throws IOException {
        return buffer.hasRemaining() || fill(System.nanoTime()) == Filled.MORE;
    }

    /** All that comes until the other side ends it. */
    byte[] rest(Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        while (true) {
            if (rest.size() + buffer.remaining() > LONGEST_BODY) {
                throw new IOException("the engine at " + socket + " answers without an end");
            }
            rest.write(buffer.array(), buffer.position(), buffer.remaining());
            buffer.position(buffer.limit());
            switch (fill(end)) {
                case ENDED -> {
                    return rest.toByteArray();
                }
                case SILENT -> throw silent();
                case MORE -> {}
            }
        }
    }

    private enum Filled {
        MORE,
        SILENT,
        ENDED
    }

    /** Reads into the buffer, which has been emptied; looks at least once. */
    private Filled fill(long end) throws IOException {
        buffer.clear().flip();
        while (true) {
            buffer.clear();
            int read = channel.read(buffer);
            buffer.flip();
            if (read != 0) {
                return read < 0 ? Filled.ENDED : Filled.MORE;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return Filled.SILENT;
            }
            selector.select(left);
            selector.selectedKeys().clear();
        }
    }

    private IOException silent() {
        return new IOException("the engine at " + socket + " does not answer");
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
    }
}
