package io.sallyport.resolver.listen;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rows T1 to T7. */
@Timeout(60)
class TcpTest {
    private final Service service;

    TcpTest() throws IOException {
        service = new Service(Service.SHORT, "127.0.0.1");
        service.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(2));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private static byte[] numbered(int id, String name) {
        return Packet.empty()
                .u16(id)
                .hex("0100 0001 0000 0000 0000")
                .name(name)
                .u16(A)
                .u16(1)
                .framed();
    }

    private static int id(byte[] message) {
        return (message[0] & 0xff) << 8 | (message[1] & 0xff);
    }

    @Test
    void pipelinedQuestionsInOneSegmentAreAnsweredOutOfOrder() throws IOException {
        service.lookup.upstream.put("late.allowed.example/1", FakeLookup.addresses(1));
        service.lookup.delayMillis = 200;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(numbered(1, "late.allowed.example"));
        all.writeBytes(numbered(2, "www.allowed.example"));
        all.writeBytes(numbered(3, "denied.example"));
        try (Socket socket = service.tcp()) {
            socket.getOutputStream().write(all.toByteArray());

            assertThat(
                            List.of(
                                    id(Service.read(socket)),
                                    id(Service.read(socket)),
                                    id(Service.read(socket))))
                    .containsExactly(2, 3, 1);
        }
    }

    @Test
    void equalIdsOnOneConnectionAreToldApartByTheirQuestions() throws IOException {
        try (Socket socket = service.tcp()) {
            socket.getOutputStream().write(numbered(7, "a.denied.example"));
            socket.getOutputStream().write(numbered(7, "www.allowed.example"));

            assertThat(headerOf(Service.read(socket))).isEqualTo("0007 8183 0001 0000 0001 0000");
            assertThat(headerOf(Service.read(socket))).isEqualTo("0007 8180 0001 0002 0000 0000");
        }
    }

    @Test
    void octetByOctetWorks() throws IOException {
        try (Socket socket = service.tcp()) {
            OutputStream out = socket.getOutputStream();
            for (int round = 0; round < 2; round++) {
                for (byte octet : query("www.allowed.example", A).framed()) {
                    out.write(octet);
                    out.flush();
                }
                assertThat(headerOf(Service.read(socket)))
                        .isEqualTo("1234 8180 0001 0002 0000 0000");
            }
        }
    }

    @Test
    void messagesSplitAnywhereStayInStep() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 19; i++) {
            all.writeBytes(numbered(i, "n" + i + ".denied.example"));
        }
        byte[] octets = all.toByteArray();
        for (int size : new int[] {1, 7, 40, 101, octets.length}) {
            try (Socket socket = service.tcp()) {
                for (int at = 0; at < octets.length; at += size) {
                    socket.getOutputStream().write(octets, at, Math.min(size, octets.length - at));
                }
                Set<Integer> ids = new HashSet<>();
                for (int i = 0; i < 19; i++) {
                    ids.add(id(Service.read(socket)));
                }
                assertThat(ids).as("segments of %d", size).hasSize(19);
            }
        }
    }

    @Test
    void streamThatIsOutOfStepIsClosed() throws IOException {
        try (Service patient = new Service(TcpLimits.DEFAULT, "127.0.0.1")) {
            isClosedWhenOutOfStep(patient);
        }
    }

    private static void isClosedWhenOutOfStep(Service patient) throws IOException {
        for (String hex :
                List.of(
                        "0000",
                        "000b 1234010000010000000000",
                        "ffff 1234",
                        "1001 1234",
                        "001d 1234 8100 0001 0000 0000 0000 037777770361626303636f6d 0000010001")) {
            try (Socket socket = patient.tcp()) {
                socket.getOutputStream().write(Packet.empty().hex(hex).octets());
                assertThat(Service.closedAfter(socket, 3000)).as(hex).isBetween(0L, 2500L);
            }
        }
    }

    @Test
    void clientThatSaysNothingIsClosedAfterTheFirstByteTimeout() throws IOException {
        Duration firstByte = Service.SHORT.firstByte();
        try (Service only = new Service(waiting(firstByte, TcpLimits.DEFAULT.idle()), "127.0.0.1");
                Socket socket = only.tcp()) {
            assertThat(Service.closedAfter(socket, 5000)).isBetween(400L, 3000L);
        }
    }

    @Test
    void idleClientIsClosedAfterTheIdleTimeout() throws IOException {
        Duration idle = Service.SHORT.idle();
        try (Service only = new Service(waiting(TcpLimits.DEFAULT.firstByte(), idle), "127.0.0.1");
                Socket socket = only.tcp()) {
            socket.getOutputStream().write(query("denied.example", A).framed());
            Service.read(socket);
            assertThat(Service.closedAfter(socket, 5000)).isBetween(900L, 3500L);
        }
    }

    /** No other clock ends a connection within the time of a test. */
    private static TcpLimits waiting(Duration firstByte, Duration idle) {
        return new TcpLimits(firstByte, idle, TcpLimits.DEFAULT.message(), 30, 20, 2000, 1 << 20);
    }

    @Test
    void dribblingClientIsClosedWhateverItSends() throws Exception {
        try (Socket socket = service.tcp()) {
            byte[] message = Packet.framed(new byte[200]);
            long start = System.nanoTime();
            long closed = -1;
            for (int i = 0; i < message.length && closed < 0; i++) {
                try {
                    socket.getOutputStream().write(message[i]);
                } catch (IOException e) {
                    closed = (System.nanoTime() - start) / 1_000_000;
                }
                Thread.sleep(100);
            }
            assertThat(closed).isBetween(1000L, 2500L);
        }
        assertThat(service.counters.value(Count.TCP_CUT)).isEqualTo(1);
    }

    @Test
    void busyClientIsNotClosedForAlwaysHavingSentPartOfTheNextMessage() throws Exception {
        byte[] message = numbered(1, "denied.example");
        try (Socket socket = service.tcp()) {
            OutputStream out = socket.getOutputStream();
            out.write(message, 0, 10);
            for (int i = 0; i < 20; i++) {
                ByteArrayOutputStream next = new ByteArrayOutputStream();
                next.write(message, 10, message.length - 10);
                next.write(message, 0, 10);
                out.write(next.toByteArray());
                assertThat(id(Service.read(socket))).isEqualTo(1);
                Thread.sleep(120);
            }
        }
    }

    @Test
    void halfClosedClientGetsItsAnswers() throws IOException {
        try (Service patient = new Service(TcpLimits.DEFAULT, "127.0.0.1");
                Socket socket = patient.tcp()) {
            patient.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(2));
            patient.lookup.upstream.put("late.allowed.example/1", FakeLookup.addresses(1));
            patient.lookup.delayMillis = 300;
            socket.getOutputStream().write(numbered(1, "late.allowed.example"));
            socket.getOutputStream().write(numbered(2, "www.allowed.example"));
            socket.shutdownOutput();

            assertThat(id(Service.read(socket))).isEqualTo(2);
            assertThat(id(Service.read(socket))).isEqualTo(1);
            assertThat(Service.closedAfter(socket, 3000)).isBetween(0L, 2500L);
        }
    }

    @Test
    void moreQuestionsThanMayBeUnderWayWaitTheirTurn() throws IOException {
        service.lookup.delayMillis = 50;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            service.lookup.upstream.put("n" + i + ".allowed.example/1", FakeLookup.addresses(1));
            all.writeBytes(numbered(i, "n" + i + ".allowed.example"));
        }
        try (Socket socket = service.tcp()) {
            socket.getOutputStream().write(all.toByteArray());
            socket.shutdownOutput();
            Set<Integer> ids = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                byte[] answer = Service.read(socket);
                assertThat(headerOf(answer)).contains(" 8180 0001 0001 ");
                ids.add(id(answer));
            }
            assertThat(ids).hasSize(100);
        }
    }

    @Test
    void connectionIsClosedBehindItsLastAllowedQuestion() throws IOException {
        try (Service strict = new Service(questions(3), "127.0.0.1");
                Socket socket = strict.tcp()) {
            for (int i = 0; i < 3; i++) {
                socket.getOutputStream().write(numbered(i, "denied.example"));
                assertThat(id(Service.read(socket))).isEqualTo(i);
            }
            assertThat(Service.closedAfter(socket, 3000)).isBetween(0L, 2500L);
        }
    }

    @Test
    void clientThatNeverReadsIsCutAndOthersDoNotNotice() throws Exception {
        TcpLimits many =
                new TcpLimits(
                        Service.SHORT.firstByte(),
                        Service.SHORT.idle(),
                        Service.SHORT.message(),
                        10,
                        100,
                        1_000_000,
                        1 << 20);
        try (Service patient = new Service(many, "127.0.0.1");
                Socket deaf = new Socket()) {
            patient.lookup.cache.put("big.allowed.example/1", FakeLookup.addresses(64));
            deaf.setReceiveBufferSize(4096);
            deaf.connect(patient.address);
            Thread flood =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    byte[] question = numbered(1, "big.allowed.example");
                                    for (int i = 0; i < 200_000; i++) {
                                        deaf.getOutputStream().write(question);
                                    }
                                } catch (IOException e) {
                                    // cut, as it should be
                                }
                            });
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                try (Socket other = patient.tcp()) {
                    other.getOutputStream().write(numbered(i, "denied.example"));
                    assertThat(id(Service.read(other))).isEqualTo(i);
                }
                assertThat((System.nanoTime() - start) / 1_000_000).isLessThan(3000);
                Thread.sleep(100);
            }
            flood.join(10_000);
            assertThat(flood.isAlive()).isFalse();
            assertThat(patient.counters.value(Count.TCP_CUT)).isEqualTo(1);
        }
    }

    @Test
    void connectionsAreLimitedByNetworkWhateverAddressTheyComeFrom() throws Exception {
        Limits five = Limits.NONE.with(Limit.TCP_CONNECTIONS, 5);
        List<Socket> open = new ArrayList<>();
        try (Service strict = new Service(TcpLimits.DEFAULT, "127.0.0.1", five)) {
            for (int i = 0; i < 6; i++) {
                Socket socket = new Socket();
                open.add(socket);
                socket.bind(new InetSocketAddress("127.0.0." + (10 + i), 0));
                socket.connect(strict.address, 3000);
                socket.setSoTimeout(5000);
            }
            int served = 0;
            for (Socket socket : open) {
                try {
                    socket.getOutputStream().write(numbered(1, "denied.example"));
                    assertThat(id(Service.read(socket))).isEqualTo(1);
                    served++;
                } catch (IOException e) {
                    // Two loops accept, so that any of the six may be the one too many.
                }
            }
            assertThat(served).isEqualTo(5);
            assertThat(strict.counters.value(Count.TCP_REFUSED)).isEqualTo(1);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    /** 3.7 (CVE-2025-30193): one connection is a way to ask faster than datagrams let one. */
    @Test
    void aConnectionThatAsksTooFastIsToldThenCut() throws Exception {
        Limits few = Limits.NONE.with(Limit.QUERIES_PER_SECOND, 1).with(Limit.QUERY_BURST, 50);
        try (Service strict = new Service(TcpLimits.DEFAULT, "127.0.0.1", few);
                Socket socket = strict.tcp()) {
            for (int i = 0; i < 60; i++) {
                socket.getOutputStream().write(numbered(i, "denied.example"));
                assertThat(id(Service.read(socket))).isEqualTo(i);
            }
            for (int i = 60; i < 200; i++) {
                socket.getOutputStream().write(numbered(i, "denied.example"));
            }
            assertThat(Service.closedAfter(socket, 3000)).isNotNegative();
            assertThat(strict.counters.value(Count.DROPPED_FLOOD)).isEqualTo(1);
        } catch (java.net.SocketException e) {
            assertThat(e).as("cut while it wrote").hasMessageMatching("(?i).*(reset|pipe).*");
        }
    }

    @Test
    void idleConnectionsGoSoonerWhenHalfOfAllPlacesAreTaken() throws Exception {
        TcpLimits patient =
                new TcpLimits(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(30),
                        4,
                        10,
                        10,
                        1 << 20);
        try (Service busy = new Service(patient, "127.0.0.1");
                Socket first = busy.tcp()) {
            first.getOutputStream().write(numbered(1, "denied.example"));
            assertThat(id(Service.read(first))).isEqualTo(1);
            assertThat(Service.closedAfter(first, 1200)).as("alone it may stay").isEqualTo(-1);
            try (Socket second = busy.tcp()) {
                assertThat(second.isConnected()).isTrue();
                assertThat(Service.closedAfter(first, 15_000)).isNotNegative();
            }
        }
    }

    @Test
    void connectionsAreLimitedByClientAndPlacesComeBack() throws Exception {
        try (Service patient = new Service(TcpLimits.DEFAULT, "127.0.0.1")) {
            fillsItsPlaces(patient);
            assertThat(patient.counters.value(Count.TCP_REFUSED)).isEqualTo(1);
            hasAPlaceAgain(patient);
        }
    }

    private static void fillsItsPlaces(Service patient) throws IOException {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                Socket socket = patient.tcp();
                open.add(socket);
                socket.getOutputStream().write(numbered(i, "denied.example"));
                assertThat(id(Service.read(socket))).isEqualTo(i);
            }
            try (Socket eleventh = patient.tcp()) {
                assertThat(Service.closedAfter(eleventh, 3000)).isBetween(0L, 2500L);
            }
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private static void hasAPlaceAgain(Service patient) throws InterruptedException {
        for (int tries = 0; tries < 50; tries++) {
            try (Socket again = patient.tcp()) {
                again.getOutputStream().write(numbered(5, "denied.example"));
                assertThat(id(Service.read(again))).isEqualTo(5);
                return;
            } catch (IOException _) {
                Thread.sleep(20); // the closed ones are on their way
            }
        }
        throw new AssertionError("places did not come back");
    }

    private static TcpLimits questions(int most) {
        return new TcpLimits(
                TcpLimits.DEFAULT.firstByte(),
                TcpLimits.DEFAULT.idle(),
                TcpLimits.DEFAULT.message(),
                10,
                10,
                most,
                1 << 20);
    }

    @Test
    void whoSeesTheEndOfOneConnectionMayBeginTheNextAtOnce() throws IOException {
        Limits one = Limits.NONE.with(Limit.TCP_CONNECTIONS_PER_CLIENT, 1);
        try (Service strict = new Service(questions(1), "127.0.0.1", one)) {
            for (int i = 0; i < 100; i++) {
                try (Socket socket = strict.tcp()) {
                    socket.getOutputStream().write(numbered(i, "denied.example"));
                    assertThat(id(Service.read(socket))).isEqualTo(i);
                    assertThat(Service.closedAfter(socket, 3000)).isNotNegative();
                }
            }
            assertThat(strict.counters.value(Count.TCP_REFUSED)).isZero();
        }
    }

    @Test
    void lengthAndMessageLeaveInOneSegment() throws IOException {
        try (Socket socket = service.tcp()) {
            socket.getOutputStream().write(query("www.allowed.example", A).framed());
            byte[] first = new byte[4096];
            int length = socket.getInputStream().read(first);

            assertThat(length).isEqualTo(2 + ((first[0] & 0xff) << 8 | (first[1] & 0xff)));
        }
    }
}
