package io.sallyport.resolver.listen;

import static io.sallyport.resolver.packet.Packet.A;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Rules;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A listener on a loopback port with a fake lookup, and clients for it. */
final class Service implements AutoCloseable {
    static final TcpLimits SHORT =
            new TcpLimits(
                    Duration.ofMillis(600),
                    Duration.ofMillis(1200),
                    Duration.ofMillis(1200),
                    30,
                    20,
                    2000,
                    1 << 20);

    final FakeLookup lookup = new FakeLookup();
    final Networks networks;
    final Counters counters = new Counters();
    final Listener listener;
    final InetSocketAddress address;

    /** Ten connections of one client, and no limit that a test of the listener could meet. */
    Service(TcpLimits limits, String listen) throws IOException {
        this(limits, listen, Limits.NONE.with(Limit.TCP_CONNECTIONS_PER_CLIENT, 10));
    }

    Service(TcpLimits limits, String listen, Limits budget) throws IOException {
        this(limits, new InetSocketAddress(listen, 0), budget);
    }

    Service(TcpLimits limits, InetSocketAddress listen, Limits budget) throws IOException {
        networks = new Networks(budget, Events.NOBODY);
        Rules rules =
                new Rules(
                        "test",
                        true,
                        false,
                        DomainPattern.parseList(".allowed.example").stream()
                                .map(p -> new Entry(p, "test"))
                                .toList(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Set.of(),
                        List.of(6 << 16 | 443),
                        Ancestors.NXDOMAIN);
        networks.put(
                new Network(
                        "loopback",
                        List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1")),
                        Policy.compile(rules),
                        Pinner.WITHOUT_FIREWALL));
        listener =
                Listener.open(
                        List.of(listen),
                        2,
                        loop ->
                                new Journey(
                                        networks,
                                        lookup::cached,
                                        lookup::find,
                                        new Cookies(0),
                                        counters.tally(),
                                        loop,
                                        null),
                        limits,
                        List.of());
        address = listener.addresses().getFirst();
    }

    DatagramSocket udp() throws IOException {
        DatagramSocket socket = new DatagramSocket();
        socket.connect(address);
        socket.setSoTimeout(3000);
        return socket;
    }

    Socket tcp() throws IOException {
        Socket socket = new Socket();
        socket.connect(address, 3000);
        socket.setSoTimeout(5000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** A framed question. */
    static byte[] numbered(int id, String name) {
        return Packet.empty()
                .u16(id)
                .hex("0100 0001 0000 0000 0000")
                .name(name)
                .u16(A)
                .u16(1)
                .framed();
    }

    /** Of a message without its length. */
    static int id(byte[] message) {
        return (message[0] & 0xff) << 8 | (message[1] & 0xff);
    }

    static void send(DatagramSocket socket, byte[] message) throws IOException {
        socket.send(new DatagramPacket(message, message.length));
    }

    /** The next answer, or nothing after so long. */
    static byte[] receive(DatagramSocket socket, int millis) throws IOException {
        socket.setSoTimeout(millis);
        DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return new byte[0];
        }
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    static byte[] read(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }

    /** Milliseconds until the server closes the connection, or -1 if it does not. */
    static long closedAfter(Socket socket, int atMost) throws IOException {
        long start = System.nanoTime();
        socket.setSoTimeout(atMost);
        byte[] waste = new byte[65536];
        try {
            int read;
            do {
                read = socket.getInputStream().read(waste);
            } while (read >= 0);
        } catch (SocketTimeoutException e) {
            return -1;
        } catch (IOException e) {
            return (System.nanoTime() - start) / 1_000_000; // reset is closed too
        }
        return (System.nanoTime() - start) / 1_000_000;
    }

    @Override
    public void close() {
        listener.close();
    }
}
