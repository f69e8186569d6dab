package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.cli.Cli;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The probe finds what is open where nothing guards, and says what it could not try. */
@Needs({"nsd", "tcpdump", "unshare", "setpriv"})
class ProbeTest extends Probing {
    @Test
    void findsEveryWayOpenWhereNothingGuards() throws Exception {
        for (String which : List.of("all", "uplink", "sb0")) {
            world.host().sysctl("net.ipv4.conf." + which + ".accept_source_route=1");
        }
        world.internet().sysctl("net.ipv4.conf.all.accept_source_route=1");
        world.internet().sysctl("net.ipv4.conf.net0.accept_source_route=1");
        try (DatagramSocket datagrams = careless(161);
                DatagramSocket names = careless(5353)) {
            assertThat(List.of(datagrams, names)).noneMatch(DatagramSocket::isClosed);
            JsonNode report =
                    report(probe("--allowed", "www.example.com", "--json", "--timeout", "4000"));
            assertThat(report.at("/guarded").asBoolean(true)).isFalse();
            assertThat(report.at("/control/result").asString()).isEqualTo("open");
            assertThat(ways(report, "blocked"))
                    .as("what nsd and a host without a name server do not offer; all: %s", report)
                    .containsExactlyInAnyOrder(
                            "own-rules",
                            "dns-allowed-types",
                            "dns-internal-names",
                            "dns-long-names",
                            "dns-dot-in-label",
                            "dns-metadata-name",
                            "dns-opcodes",
                            "dns-pointers",
                            "dns-two-questions",
                            "dns-zone-transfer",
                            "dns-udp-to-10.201.1.1",
                            "dns-tcp-to-10.201.1.1",
                            "dns-udp-to-fd5a:11:1::1",
                            "dns-tcp-to-fd5a:11:1::1");
            assertThat(ways(report, "unknown"))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(
                                            Untried.list().stream().map(Way::name),
                                            Stream.of(
                                                    "spoofed-source",
                                                    "changed-address-v4",
                                                    "dns-rebinding",
                                                    "dns-foreign-records",
                                                    "dns-tunnel-allowed"))
                                    .toList());
            for (JsonNode way : report.at("/ways")) {
                assertThat(way.at("/stands-for").asString()).isNotBlank();
            }
            assertThat(world.escaped())
                    .anySatisfy(packet ->
                            assertThat(packet.source().getHostAddress()).isEqualTo("8.8.8.8"));
        }
    }

    @Test
    void saysWhatItCouldNotTryWithoutPrivileges() {
        JsonNode report =
                report(
                        probe(
                                List.of(
                                        "setpriv",
                                        "--bounding-set=-net_raw,-net_admin",
                                        "--inh-caps=-all"),
                                "--json"));
        assertThat(ways(report, "unknown"))
                .contains(
                        "icmp-echo-v4",
                        "other-protocols-v6",
                        "packet-socket",
                        "spoofed-source",
                        "changed-address-v6");
        assertThat(ways(report, "open")).contains("tcp-direct-v4", "udp-direct-v6", "ip-options");
    }

    @Test
    void printsAScoreboard() {
        assertThat(probe("--allowed", "www.example.com").output())
                .contains("works    www.example.com resolves and connects on port 443")
                .containsPattern("(?m)^OPEN +tcp-direct-v4 +connected to 93.184.216.200:\\d+ ")
                .containsPattern("(?m)^\\d+ ways: \\d+ blocked, \\d+ open, \\d+ unknown$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--timeout=5",
                "--target-address=nowhere",
                "--denied=a..b",
                "--allowed=example.com:http"
            })
    void refusesWhatItCannotUse(String option) {
        assertThat(Cli.run("probe", option)).isEqualTo(2);
    }

    /** A service of the host that answers whoever asks, also those who ask all. */
    private DatagramSocket careless(int port) {
        return world.inside(
                world.host(),
                () -> {
                    MulticastSocket socket = new MulticastSocket(port);
                    NetworkInterface cable = NetworkInterface.getByName("sb0");
                    socket.joinGroup(
                            new InetSocketAddress(InetAddress.ofLiteral("224.0.0.251"), 0), cable);
                    socket.joinGroup(
                            new InetSocketAddress(InetAddress.ofLiteral("ff02::fb"), 0), cable);
                    Thread.startVirtualThread(() -> {
                        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
                        while (!socket.isClosed()) {
                            try {
                                socket.receive(packet);
                                socket.send(packet);
                            } catch (IOException e) {
                                // Closed; the loop's condition tells.
                            }
                        }
                    });
                    return socket;
                });
    }
}
