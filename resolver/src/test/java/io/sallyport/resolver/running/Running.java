package io.sallyport.resolver.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.querylog.QueryLog;
import io.sallyport.resolver.upstream.FakeUpstream;
import io.sallyport.resolver.upstream.Upstreams;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * A whole resolver on loopback sockets, before a scripted upstream and a pinner that remembers.
 * Every reply that is read here is looked at: an address in it must have been pinned for the client
 * that gets it.
 */
final class Running implements AutoCloseable {
    /** May resolve {@code .example.com}, every type. */
    static final String CLIENT = "127.0.0.2";

    /** Has no session yet. */
    static final String PENDING = "127.0.0.3";

    /** Belongs to no network. */
    static final String STRANGER = "127.0.0.9";

    private static final int PATIENCE_MILLIS = 10_000;

    final FakeUpstream upstream;
    final Networks networks = new Networks(Limits.NONE, Events.NOBODY);
    final Resolver resolver;
    private final ConcurrentHashMap<String, Set<String>> pins = new ConcurrentHashMap<>();
    volatile boolean opens = true;

    Running(FakeUpstream.Script script) throws IOException {
        this(script, Optional.empty());
    }

    /** One that writes queries down. */
    Running(FakeUpstream.Script script, Optional<QueryLog.Config> log) throws IOException {
        upstream = new FakeUpstream(script);
        network(CLIENT, ".example.com");
        networks.put(
                new Network(
                        PENDING,
                        List.of(Cidr.parse(PENDING)),
                        Policy.PENDING,
                        (addresses, ports, seconds) -> pin(PENDING, addresses)));
        resolver =
                Resolver.start(
                        new Resolver.Config(
                                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                                Lookup.Config.of(Upstreams.Config.of(List.of(upstream.address()))),
                                2,
                                log),
                        networks);
    }

    /** A network of one client address that may resolve this, or another policy for it. */
    void network(String address, String allow) {
        Policy policy =
                Policy.compile(
                        new Policy.Rules(
                                "test",
                                true,
                                false,
                                DomainPattern.parseList(allow).stream()
                                        .map(pattern -> new Policy.Entry(pattern, "test"))
                                        .toList(),
                                List.of(),
                                List.of(),
                                List.of(),
                                Set.of(Policy.EVERY_TYPE),
                                List.of(6 << 16 | 443),
                                Policy.Ancestors.NXDOMAIN));
        networks.put(
                new Network(
                        address,
                        List.of(Cidr.parse(address)),
                        policy,
                        (addresses, ports, seconds) -> pin(address, addresses)));
    }

    private boolean pin(String network, byte[][] addresses) {
        if (opens) {
            for (byte[] address : addresses) {
                pinned(network).add(text(address));
            }
        }
        return opens;
    }

    private Set<String> pinned(String network) {
        return pins.computeIfAbsent(network, name -> ConcurrentHashMap.newKeySet());
    }

    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Every address that was pinned for a network. */
    List<String> pins(String network) {
        return List.copyOf(pinned(network));
    }

    DatagramSocket udp(String client) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(client, 0));
        socket.connect(resolver.addresses().getFirst());
        return socket;
    }

    Socket tcp(String client) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(client, 0));
        socket.connect(resolver.addresses().getFirst(), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** Asks over UDP; empty if nothing comes for so long. */
    byte[] ask(String client, byte[] message, int millis) throws IOException {
        try (DatagramSocket socket = udp(client)) {
            socket.send(new DatagramPacket(message, message.length));
            return receive(client, socket, millis);
        }
    }

    Message ask(String client, Packet packet) throws IOException {
        byte[] reply = ask(client, packet.octets(), PATIENCE_MILLIS);
        assertThat(reply).as("a reply").isNotEmpty();
        return new Message(reply);
    }

    byte[] receive(String client, DatagramSocket socket, int millis) throws IOException {
        socket.setSoTimeout(millis);
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return new byte[0];
        }
        return checked(client, Arrays.copyOf(packet.getData(), packet.getLength()), 1232);
    }

    /** Asks over TCP; empty if the connection is closed instead. */
    byte[] askTcp(String client, byte[] message) throws IOException {
        try (Socket socket = tcp(client)) {
            socket.getOutputStream().write(Packet.framed(message));
            return read(client, socket);
        }
    }

    byte[] read(String client, Socket socket) throws IOException {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] message = new byte[in.readUnsignedShort()];
            in.readFully(message);
            return checked(client, message, 65_535);
        } catch (EOFException | SocketException e) {
            return new byte[0];
        }
    }

    private byte[] checked(String client, byte[] reply, int most) throws IOException {
        assertThat(reply.length).isLessThanOrEqualTo(most);
        Message message = new Message(reply);
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL}) {
            for (Record record : message.getSection(section)) {
                if (record instanceof ARecord || record instanceof AAAARecord) {
                    assertThat(pinned(client))
                            .as("pinned for %s: %s", client, record)
                            .contains(text(record.rdataToWireCanonical()));
                }
            }
        }
        return reply;
    }

    long counter(String series) {
        Long value = resolver.counters().get(series);
        if (value == null) {
            throw new AssertionError("no counter " + series);
        }
        return value;
    }

    /** Of all series that begin so. */
    long sum(String beginning) {
        return resolver.counters().entrySet().stream()
                .filter(series -> series.getKey().startsWith(beginning))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Names in questions that reached the upstream, lower-cased. */
    List<String> asked() {
        return upstream.queries().stream()
                .map(query -> {
                    byte[] name = query.name();
                    StringBuilder text = new StringBuilder();
                    for (int at = 0; name[at] != 0; at += name[at] + 1) {
                        text.append(
                                        new String(
                                                        name,
                                                        at + 1,
                                                        name[at],
                                                        java.nio.charset.StandardCharsets
                                                                .ISO_8859_1)
                                                .toLowerCase(Locale.ROOT))
                                .append('.');
                    }
                    return text.toString();
                })
                .toList();
    }

    /** Whatever happened, nothing left without its pin and nothing was thrown. */
    @Override
    public void close() throws IOException {
        long unpinned = counter("sallyport_answers_without_pin_total");
        long faults = counter("sallyport_dropped_total{reason=\"fault\"}");
        resolver.close();
        upstream.close();
        assertThat(unpinned).as("answers without pin").isZero();
        assertThat(faults).as("faults").isZero();
    }
}
