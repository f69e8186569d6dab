package io.sallyport.resolver.upstream;

import io.sallyport.resolver.check.Packet;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback, UDP and TCP on one port, that answers as its script says, and remembers
 * what it was asked.
 */
public final class FakeUpstream implements AutoCloseable {

    /** What the server does with a query. */
    @FunctionalInterface
    public interface Script {
        void handle(Query query) throws IOException;
    }

    /** A query as it came, and the ways to answer it. */
    public abstract static class Query {
        public final byte[] octets;
        public final boolean tcp;
        public final int number;
        public final int port;

        private Query(byte[] octets, boolean tcp, int number, int port) {
            this.octets = octets;
            this.tcp = tcp;
            this.number = number;
            this.port = port;
        }

        public int id() {
            return (octets[0] & 0xff) << 8 | (octets[1] & 0xff);
        }

        /** The name in the case it came in. */
        public byte[] name() {
            int at = 12;
            while (octets[at] != 0) {
                at += octets[at] + 1;
            }
            return Arrays.copyOfRange(octets, 12, at + 1);
        }

        public int type() {
            int end = 12 + name().length;
            return (octets[end] & 0xff) << 8 | (octets[end + 1] & 0xff);
        }

        public boolean hasEdns() {
            return octets[11] == 1;
        }

        /** The start of an honest reply. */
        public Packet packet() {
            return new Packet(id(), Packet.NOERROR).question(name(), type(), 1);
        }

        /** The honest reply: one address, 93.184.216.34, for 60 s. */
        public Packet good() {
            return packet().answer("@", 1, 60, Packet.address("93.184.216.34"));
        }

        public void reply(Packet packet) throws IOException {
            reply(packet.octets());
        }

        /** A datagram, or a message behind its length. */
        public abstract void reply(byte[] message) throws IOException;

        /** From a port that was not asked. */
        public abstract void replyFromElsewhere(byte[] message) throws IOException;

        /** Over TCP: hangs up. */
        public abstract void hangUp() throws IOException;

        /** Over TCP: these octets, in a segment of their own. */
        public abstract void raw(byte[] octets) throws IOException;
    }

    /** Of one port. */
    private record Sockets(ServerSocket tcp, DatagramSocket udp) {
        private static final int TRIES = 20;

        static Sockets bind(InetAddress host, @Nullable SSLContext tls) throws IOException {
            for (int tries = 1; ; tries++) {
                ServerSocket tcp =
                        tls == null
                                ? new ServerSocket(0, 50, host)
                                : tls.getServerSocketFactory().createServerSocket(0, 50, host);
                try {
                    return new Sockets(
                            tcp,
                            new DatagramSocket(new InetSocketAddress(host, tcp.getLocalPort())));
                } catch (BindException e) { // a query of another test has this port just now
                    tcp.close();
                    if (tries == TRIES) {
                        throw e;
                    }
                }
            }
        }
    }

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final List<Query> queries = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Script script;
    private volatile boolean closed;

    public FakeUpstream(Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), script);
    }

    public FakeUpstream(InetAddress host, Script script) throws IOException {
        this(host, null, script);
    }

    /** With DNS over TLS on its TCP port. */
    public FakeUpstream(SSLContext tls, Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), tls, script);
    }

    private FakeUpstream(InetAddress host, @Nullable SSLContext tls, Script script)
            throws IOException {
        this.script = script;
        Sockets sockets = Sockets.bind(host, tls);
        udp = sockets.udp;
        tcp = sockets.tcp;
        Thread.ofPlatform().daemon().name("fake upstream udp").start(this::serveDatagrams);
        Thread.ofPlatform().daemon().name("fake upstream tcp").start(this::serveConnections);
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(tcp.getInetAddress(), tcp.getLocalPort());
    }

    public void script(Script next) {
        script = next;
    }

    /** How many connections were accepted. */
    public int connections() {
        return connections.get();
    }

    /** Everything that was asked, in order. */
    public List<Query> queries() {
        return queries;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        udp.close();
        tcp.close();
    }

    private void serveDatagrams() {
        byte[] buffer = new byte[4096];
        while (!closed) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                udp.receive(packet);
                handle(
                        new Datagram(
                                Arrays.copyOf(buffer, packet.getLength()),
                                queries.size(),
                                packet.getSocketAddress()));
            } catch (IOException e) {
                complain(e);
            }
        }
    }

    private void serveConnections() {
        while (!closed) {
            try {
                Socket socket = tcp.accept();
                connections.incrementAndGet();
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            } catch (IOException e) {
                complain(e);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) { // until the other side closes
                byte[] message = new byte[in.readUnsignedShort()];
                in.readFully(message);
                handle(new Stream(message, queries.size(), socket));
            }
        } catch (IOException e) {
            complain(e);
        }
    }

    private void handle(Query query) throws IOException {
        queries.add(query);
        script.handle(query);
    }

    /** A peer that gave up is no failure of the test; the test says what it expects. */
    private void complain(IOException e) {
        if (!closed
                && !(e instanceof SocketException)
                && !(e instanceof SSLException)
                && !(e instanceof EOFException)) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Datagram extends Query {
        private final SocketAddress client;

        Datagram(byte[] octets, int number, SocketAddress client) {
            super(octets, false, number, ((InetSocketAddress) client).getPort());
            this.client = client;
        }

        @Override
        public void reply(byte[] message) throws IOException {
            udp.send(new DatagramPacket(message, message.length, client));
        }

        @Override
        public void replyFromElsewhere(byte[] message) throws IOException {
            try (DatagramSocket other = new DatagramSocket(0, udp.getLocalAddress())) {
                other.send(new DatagramPacket(message, message.length, client));
            }
        }

        @Override
        public void raw(byte[] octets) {
            throw new UnsupportedOperationException("TCP only");
        }

        @Override
        public void hangUp() {
            throw new UnsupportedOperationException("TCP only");
        }
    }

    private static final class Stream extends Query {
        private final Socket socket;

        Stream(byte[] octets, int number, Socket socket) throws IOException {
            super(octets, true, number, socket.getPort());
            this.socket = socket;
            socket.setTcpNoDelay(true);
        }

        @Override
        public void reply(byte[] message) throws IOException {
            raw(
                    Packet.join(
                            new byte[] {(byte) (message.length >>> 8), (byte) message.length},
                            message));
        }

        @Override
        public void replyFromElsewhere(byte[] message) {
            throw new UnsupportedOperationException("UDP only");
        }

        @Override
        public void raw(byte[] octets) throws IOException {
            socket.getOutputStream().write(octets);
            socket.getOutputStream().flush();
        }

        @Override
        public void hangUp() throws IOException {
            socket.close();
        }
    }
}
