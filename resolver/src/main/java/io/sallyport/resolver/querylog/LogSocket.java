package io.sallyport.resolver.querylog;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket of a collector, by the bidirectional protocol of frame streams: READY, ACCEPT,
 * START, frames, STOP, FINISH. A collector that comes later, or again, is found within a second.
 */
final class LogSocket implements Sink {
    private final Path path;
    private final Dnstap format;
    private volatile @Nullable SocketChannel channel;

    LogSocket(Path path, Dnstap format) {
        this.path = path;
        this.format = format;
    }

    @Override
    public void attend() throws IOException {
        if (channel != null) {
            return;
        }
        SocketChannel opened = SocketChannel.open(UnixDomainSocketAddress.of(path));
        channel = opened; // before the other side is waited for, so that this can be cut short
        try {
            put(opened, FrameStream.ready());
            if (!Arrays.equals(read(opened, FrameStream.ready().length), FrameStream.accept())) {
                throw new IOException(path + " takes no dnstap frames");
            }
            put(opened, format.beginning());
        } catch (IOException e) {
            drop(opened);
            throw e;
        }
    }

    @Override
    public void write(List<Entry> entries) throws IOException {
        SocketChannel open = channel;
        if (open == null) {
            throw new IOException(path + " is not connected");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Entry entry : entries) {
            format.write(entry, out);
        }
        try {
            put(open, out.toByteArray());
        } catch (IOException e) {
            drop(open);
            throw e;
        }
    }

    private static void put(SocketChannel open, byte[] octets) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(octets);
        while (left.hasRemaining()) {
            open.write(left);
        }
    }

    private static byte[] read(SocketChannel open, int octets) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(octets);
        while (read.hasRemaining()) {
            if (open.read(read) < 0) {
                throw new EOFException("the collector hung up");
            }
        }
        return read.array();
    }

    private void drop(SocketChannel open) {
        channel = null;
        try {
            open.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    /** The collector's FINISH says that it has all of it. */
    @Override
    public void end() {
        SocketChannel open = channel;
        if (open != null) {
            try {
                put(open, format.end());
                var _ = read(open, format.end().length);
            } catch (IOException e) {
                // Then it has not.
            }
            drop(open);
        }
    }

    @Override
    public void cut() {
        SocketChannel open = channel;
        if (open != null) {
            drop(open);
        }
    }
}
