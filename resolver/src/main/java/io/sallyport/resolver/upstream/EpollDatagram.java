package io.sallyport.resolver.upstream;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A socket straight on the event loop's epoll, without a channel around it: 7 system calls a query
 * instead of 13 and a quarter less processor time for a cold lookup (20 µs against 27), for a
 * socket that lives for one datagram each way.
 */
final class EpollDatagram implements Datagram, EpollIoHandle {
    private static final FastThreadLocal<ByteBuffer> BUFFER =
            new FastThreadLocal<>() {
                @Override
                protected ByteBuffer initialValue() {
                    return ByteBuffer.allocateDirect(MAX_RECEIVED);
                }
            };

    private final LinuxSocket socket;
    private final Receiver receiver;
    private @Nullable IoRegistration registration;

    private EpollDatagram(LinuxSocket socket, Receiver receiver) {
        this.socket = socket;
        this.receiver = receiver;
    }

    /** Called on the loop, so that registering is done when it returns. */
    static EpollDatagram open(IoEventLoop loop, InetSocketAddress remote, Receiver receiver)
            throws IOException {
        EpollDatagram datagram =
                new EpollDatagram(
                        LinuxSocket.newSocketDgram(
                                remote.getAddress() instanceof Inet6Address
                                        ? SocketProtocolFamily.INET6
                                        : SocketProtocolFamily.INET),
                        receiver);
        try {
            datagram.socket.connect(remote);
            IoRegistration registered = loop.register(datagram).getNow();
            if (registered == null) {
                throw new IOException("the event loop does not take any more sockets");
            }
            registered.submit(EpollIoOps.EPOLLIN);
            datagram.registration = registered;
            return datagram;
        } catch (IOException | RuntimeException e) {
            datagram.close();
            throw e;
        }
    }

    @Override
    public void send(byte[] octets) throws IOException {
        ByteBuffer buffer = BUFFER.get();
        buffer.clear().put(octets);
        socket.send(buffer, 0, octets.length);
    }

    /** The descriptor first: closing takes it out of epoll, and cancelling need not. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // close(2) frees the descriptor even then, and nothing is left to be written
        }
        if (registration != null) {
            registration.cancel();
        }
    }

    /** One datagram an event: epoll tells of the next. */
    @Override
    public void handle(IoRegistration source, IoEvent event) {
        ByteBuffer buffer = BUFFER.get();
        int length;
        try {
            length = socket.recv(buffer, 0, MAX_RECEIVED);
        } catch (IOException e) {
            receiver.broken();
            return;
        }
        if (length > 0) { // else it was a late event of a socket that had this descriptor before
            byte[] octets = new byte[length];
            buffer.get(0, octets);
            receiver.received(octets);
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }
}
