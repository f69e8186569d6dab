package io.sallyport.resolver.listen;

import static io.sallyport.resolver.listen.Service.id;
import static io.sallyport.resolver.listen.Service.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.count.Counters.Count;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has a connection, how many, and for how many questions. */
@Timeout(60)
class TcpPlacesTest {
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
}
