package io.sallyport.sync.gate;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Sends datagrams to where no way leads, again and again. None may arrive. */
final class Knocks implements AutoCloseable {
    private final AtomicInteger sent = new AtomicInteger();
    private volatile boolean knocking = true;

    /** So many a second, each from the next socket to the next address. */
    Knocks(int perSecond, List<DatagramSocket> sockets, Supplier<InetSocketAddress> where) {
        Thread.ofPlatform()
                .daemon()
                .name("knocks")
                .start(() -> {
                    while (knocking) {
                        sockets.forEach(socket -> knock(socket, where.get()));
                        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) / perSecond);
                    }
                });
    }

    private void knock(DatagramSocket socket, InetSocketAddress to) {
        boolean six = to.getAddress().getAddress().length > 4;
        if (six == socket.getLocalAddress().getAddress().length > 4
                && send(socket, to, Ledger.ESCAPE)) {
            sent.incrementAndGet();
        }
    }

    /** Whether the sandbox's own kernel took it. */
    static boolean send(DatagramSocket socket, InetSocketAddress to, String text) {
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        try {
            socket.send(new DatagramPacket(octets, octets.length, to));
            return true;
        } catch (IOException e) {
            return false; // an earlier one was refused, and this one is told
        }
    }

    int sent() {
        return sent.get();
    }

    @Override
    public void close() {
        knocking = false;
    }
}
