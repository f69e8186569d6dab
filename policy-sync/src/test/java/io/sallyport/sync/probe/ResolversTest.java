package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The probe finds what a resolver should not do. */
@Needs({"nsd", "tcpdump", "unshare"})
class ResolversTest extends Probing {
    @Test
    void seesWhatAnAllowedNameIsUsedFor() {
        JsonNode report =
                report(
                        probe(
                                "--allowed",
                                "example.com",
                                "--rebinding",
                                "nat64.rebind.example.com",
                                "--wildcard",
                                "wild.example.com",
                                "--json"));
        assertThat(ways(report, "open"))
                .contains(
                        "dns-allowed-types",
                        "dns-near-names",
                        "dns-rebinding",
                        "dns-tunnel-allowed");
        assertThat(
                        ways(
                                report(
                                        probe(
                                                "--resolver",
                                                World.CROOKED4,
                                                "--foreign",
                                                "foreign.example.com",
                                                "--json")),
                                "open"))
                .contains("dns-foreign-records", "dns-internal-names");
    }

    @Test
    void seesThatAResolverTakesAnyLengthOfName() throws Exception {
        try (DatagramSocket naive =
                world.inside(
                        world.host(), () -> new DatagramSocket(53, literal(sandbox.gateway4())))) {
            Thread.startVirtualThread(() -> answerAll(naive));
            assertThat(ways(report(probe("--resolver", sandbox.gateway4(), "--json")), "open"))
                    .contains("dns-long-names", "dns-near-names");
        }
    }

    private static InetAddress literal(String address) {
        return InetAddress.ofLiteral(address);
    }

    /** Reads nothing but the question's place, and answers it with an address. */
    private static void answerAll(DatagramSocket socket) {
        byte[] record = {
            (byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 93, (byte) 184, (byte) 216, 34
        };
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        while (!socket.isClosed()) {
            try {
                packet.setLength(2048);
                socket.receive(packet);
                byte[] answer = java.util.Arrays.copyOf(packet.getData(), packet.getLength() + 16);
                answer[2] = (byte) 0x81;
                answer[3] = (byte) 0x80;
                answer[7] = 1;
                System.arraycopy(record, 0, answer, packet.getLength(), 16);
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                // Closed; the loop's condition tells.
            }
        }
    }

    @Test
    void seesThatAResolverAnswersEverything() {
        sandbox.nameservers(World.CROOKED4);
        JsonNode report = report(probe("--json"));
        assertThat(ways(report, "open"))
                .contains(
                        "dns-dot-in-label",
                        "dns-metadata-name",
                        "dns-opcodes",
                        "dns-two-questions",
                        "dns-nul-in-label",
                        "dns-tunnel",
                        "dns-zone-transfer",
                        "dns-denied-udp",
                        "dns-denied-tcp");
        assertThat(report.at("/control").isMissingNode()).isTrue();
    }
}
