package io.sallyport.resolver.listen;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.ednsQuery;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class UdpTest {
    private final Service service;

    UdpTest() throws IOException {
        service = new Service(TcpLimits.DEFAULT, "127.0.0.1");
        service.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(2));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void answersFromTheAddressThatWasAsked() throws IOException {
        try (DatagramSocket socket = service.udp()) {
            Service.send(socket, query("www.allowed.example", A).octets());
            assertThat(headerOf(Service.receive(socket, 3000)))
                    .isEqualTo("1234 8180 0001 0002 0000 0000");
            Service.send(socket, ednsQuery("denied.example", A).octets());
            assertThat(headerOf(Service.receive(socket, 3000)))
                    .isEqualTo("1234 8183 0001 0000 0001 0001");
        }
    }

    @Test
    void answersToABatchAreAllThereAndMatchTheirQuestions() throws IOException {
        try (DatagramSocket socket = service.udp()) {
            socket.setReceiveBufferSize(1 << 20);
            Set<Integer> waiting = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                Service.send(
                        socket,
                        Packet.empty()
                                .u16(i)
                                .hex("0100 0001 0000 0000 0000")
                                .name("n" + i + ".denied.example")
                                .u16(A)
                                .u16(1)
                                .octets());
                waiting.add(i);
            }
            while (!waiting.isEmpty()) {
                byte[] answer = Service.receive(socket, 3000);
                assertThat(answer).as("answers missing: %s", waiting).isNotEmpty();
                int id = (answer[0] & 0xff) << 8 | (answer[1] & 0xff);
                assertThat(waiting.remove(id)).isTrue();
                String label = "n" + id;
                assertThat(
                                new String(
                                        answer,
                                        13,
                                        label.length(),
                                        java.nio.charset.StandardCharsets.US_ASCII))
                        .isEqualTo(label);
            }
        }
    }

    @Test
    void lateAnswersComeToo() throws IOException {
        service.lookup.upstream.put("late.allowed.example/1", FakeLookup.addresses(1));
        service.lookup.delayMillis = 100;
        try (DatagramSocket socket = service.udp()) {
            Service.send(socket, query("late.allowed.example", A).octets());
            Service.send(socket, query("www.allowed.example", A).octets());
            assertThat(headerOf(Service.receive(socket, 3000)))
                    .as("the cached one first")
                    .contains("0002 0000 0000");
            assertThat(headerOf(Service.receive(socket, 3000)))
                    .isEqualTo("1234 8180 0001 0001 0000 0000");
        }
    }

    @Test
    void saysNothingToAnswersAndFragments() throws IOException {
        try (DatagramSocket socket = service.udp()) {
            Service.send(
                    socket,
                    header(0x8180, 1, 0, 0, 0).name("www.allowed.example").u16(A).u16(1).octets());
            Service.send(socket, new byte[] {0x12, 0x34, 1});
            Service.send(socket, new byte[0]);
            assertThat(Service.receive(socket, 300)).isEmpty();
            Service.send(socket, query("www.allowed.example", A).octets());
            assertThat(Service.receive(socket, 3000)).isNotEmpty();
        }
        assertThat(service.counters.value(Count.DROPPED_SILENT)).isGreaterThanOrEqualTo(2);
    }

    @Test
    void datagramLongerThanTheBufferIsMalformed() throws IOException {
        try (DatagramSocket socket = service.udp()) {
            Service.send(socket, query("www.allowed.example", A).bytes(new byte[9000]).octets());
            assertThat(headerOf(Service.receive(socket, 3000)))
                    .isEqualTo("1234 8001 0000 0000 0000 0000");
        }
    }

    @Test
    void survivesAHundredThousandRandomDatagrams() throws IOException {
        Random random = new Random(11);
        byte[] model = ednsQuery("www.allowed.example", A).octets();
        try (DatagramSocket socket = service.udp()) {
            for (int i = 0; i < 100_000; i++) {
                byte[] octets = model.clone();
                for (int flips = random.nextInt(6); flips >= 0; flips--) {
                    octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
                }
                Service.send(
                        socket,
                        random.nextInt(4) == 0
                                ? java.util.Arrays.copyOf(octets, random.nextInt(octets.length))
                                : octets);
            }
        }
        try (DatagramSocket socket = service.udp()) {
            byte[] answer = {};
            // The flood may still fill the socket's buffer, and the kernel then drops what comes.
            for (int tries = 0; answer.length == 0 && tries < 20; tries++) {
                Service.send(socket, query("www.allowed.example", A).octets());
                answer = Service.receive(socket, 500);
            }
            assertThat(headerOf(answer)).isEqualTo("1234 8180 0001 0002 0000 0000");
        }
        assertThat(service.counters.value(Count.DROPPED_FAULT)).isZero();
        assertThat(service.counters.value(Count.WITHOUT_PIN)).isZero();
    }

    @Test
    void answersOverIpv6() throws IOException {
        try (Service six = new Service(TcpLimits.DEFAULT, "::1");
                DatagramSocket socket = six.udp()) {
            Service.send(socket, query("denied.example", A).octets());
            assertThat(headerOf(Service.receive(socket, 3000)))
                    .isEqualTo("1234 8183 0001 0000 0001 0000");
        }
    }

    @Test
    void bindsEveryAddressOrNone() throws IOException {
        int port;
        try (DatagramSocket free =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            port = free.getLocalPort();
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<InetSocketAddress> addresses =
                    List.of(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(), taken.getLocalPort()));

            assertThatThrownBy(() -> open(addresses, new Counters()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1 port " + taken.getLocalPort())
                    .hasMessageContaining("TCP")
                    .hasMessageContaining("in use");
            try (DatagramSocket again =
                    new DatagramSocket(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                assertThat(again.getLocalPort())
                        .as("the first address is free again")
                        .isEqualTo(port);
            }
        }
    }

    /** One loop, which knows no client. */
    private static Listener open(List<InetSocketAddress> addresses, Counters counters)
            throws IOException {
        FakeLookup lookup = new FakeLookup();
        Networks networks = new Networks();
        return Listener.open(
                addresses,
                1,
                loop ->
                        new Journey(
                                networks,
                                lookup::cached,
                                lookup::find,
                                new Cookies(0),
                                counters.tally(),
                                loop,
                                null),
                List.of());
    }

    @Test
    void queriesOfAQuarterOfASecondWaitWhileTheLoopStandsStill() throws Exception {
        requireNetAdmin();
        int many = 20_000; // at 80,000 a second
        Counters counters = new Counters();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        CountDownLatch sent = new CountDownLatch(1);
        try (Listener listener = open(List.of(any), counters);
                DatagramSocket socket = new DatagramSocket()) {
            Future<Boolean> still = listener.loop().submit(() -> sent.await(30, TimeUnit.SECONDS));
            socket.connect(listener.addresses().getFirst());
            for (int i = 0; i < many; i++) {
                Service.send(socket, query("www.allowed.example", A).octets());
            }
            sent.countDown();
            assertThat(still.get()).as("it stood still all the time").isTrue();
        }
        assertThat(taken(counters)).isEqualTo(many);
    }

    /** All queries, those of a client over its budget too. */
    private static long taken(Counters counters) {
        return counters.values().entrySet().stream()
                .filter(each -> each.getKey().startsWith("sallyport_queries_total"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** CAP_NET_ADMIN, which sets a buffer beyond rmem_max. */
    private static void requireNetAdmin() throws IOException {
        String capabilities =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("CapEff:"))
                        .findFirst()
                        .orElseThrow();
        long effective = Long.parseUnsignedLong(capabilities.substring(7).strip(), 16);
        if ((effective & 1 << 12) == 0) {
            assertThat(System.getenv("CI")).as("no CAP_NET_ADMIN (run as root)").isNull();
            Assumptions.abort("no CAP_NET_ADMIN (run as root)");
        }
    }
}
