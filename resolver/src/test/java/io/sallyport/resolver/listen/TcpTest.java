package io.sallyport.resolver.listen;

import static io.sallyport.resolver.listen.Service.id;
import static io.sallyport.resolver.listen.Service.numbered;
import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rows T1 to T7: framing, and how long a connection lasts. */
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
    void lengthAndMessageLeaveInOneSegment() throws IOException {
        try (Socket socket = service.tcp()) {
            socket.getOutputStream().write(query("www.allowed.example", A).framed());
            byte[] first = new byte[4096];
            int length = socket.getInputStream().read(first);

            assertThat(length).isEqualTo(2 + ((first[0] & 0xff) << 8 | (first[1] & 0xff)));
        }
    }
}
