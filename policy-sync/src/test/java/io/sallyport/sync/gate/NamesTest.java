package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names a sandbox can resolve, from whatever server it asks. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "getent"})
class NamesTest {
    private static Gate gate;
    private static Sandbox sandbox;

    @BeforeAll
    static void open() {
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
        sandbox = gate.sandbox("sb0", "acme");
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    @BeforeEach
    void forget() {
        gate.world().forget();
    }

    @ParameterizedTest
    @CsvSource({
        "169.254.53.53, A, 93.184.216.35",
        "169.254.53.53, AAAA, 2600:1f18:1::35",
        "fd00:53::53, A, 93.184.216.35",
        "fd00:53::53, AAAA, 2600:1f18:1::35",
        "8.8.8.8, A, 93.184.216.35",
        "8.8.8.8, AAAA, 2600:1f18:1::35",
        "2001:4860:4860::8888, A, 93.184.216.35",
        "10.0.0.10, A, 93.184.216.35",
        "198.41.0.4, AAAA, 2600:1f18:1::35",
    })
    void allowedNameResolvesWhicheverServerIsAsked(String server, String type, String address) {
        for (String transport : new String[] {"+notcp", "+tcp"}) {
            Result answer = dig("@" + server, "www.example.com", type, transport);

            assertThat(answer.output())
                    .contains("status: NOERROR")
                    .contains(address)
                    .contains("SERVER: " + server);
        }
        assertThat(gate.world().escaped()).isEmpty();
    }

    @Test
    void systemResolverFindsBothFamilies() {
        Result addresses = sandbox.run("getent", "ahosts", "www.example.com").ok();

        assertThat(addresses.output()).contains("93.184.216.35").contains("2600:1f18:1::35");
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.53.53", "fd00:53::53", "8.8.8.8", "2001:4860:4860::8888"})
    void programReachesAllowedNameByEitherFamily(String nameServer) {
        Sandbox asking = sandbox.nameservers(nameServer);
        try {
            for (String family : new String[] {"-4", "-6"}) {
                for (String url :
                        new String[] {
                            "http://www.example.com/",
                            "http://api.example.com:443/",
                            "http://cdn.example.com/"
                        }) {
                    Result page = asking.run("curl", "-sS", family, "-m", "5", url);

                    assertThat(page.output()).startsWith("internet for ");
                }
            }
        } finally {
            sandbox.nameservers("169.254.53.53");
        }
    }

    @Test
    void sixtyAddressesArriveWholeAndCanBeReached() {
        assertThat(dig("big.example.com", "+short").output().lines()).hasSize(60);
        assertThat(
                        sandbox.run(
                                        "curl",
                                        "-sS",
                                        "-m",
                                        "5",
                                        "--resolve",
                                        "big.example.com:80:93.184.218.60",
                                        "http://big.example.com/")
                                .output())
                .startsWith("internet for ");
    }

    @ParameterizedTest
    @CsvSource({
        "denied.example.org, A",
        "denied.example.org, AAAA",
        "denied.example.org, TXT",
        "denied.example.org, HTTPS",
        "denied.example.org, DS",
        "denied.example.org, NULL",
        "secret.tunnel.example.org, TXT",
        "notexample.com, A",
        "example.com.evil.org, A",
        "com, NS",
        "dns.google, A",
        "github.com, A",
        "never-heard.example.net, A",
    })
    void deniedNameIsNxdomainSaysWhyAndNeverGoesUpstream(String name, String type) {
        for (String server : new String[] {"169.254.53.53", "8.8.8.8", "2001:4860:4860::8888"}) {
            for (String transport : new String[] {"+notcp", "+tcp"}) {
                Result answer = dig("@" + server, name, type, transport);

                assertThat(answer.output())
                        .contains("status: NXDOMAIN")
                        .contains("EDE: 15 (Blocked)")
                        .contains("acme")
                        .contains("SOA");
            }
        }
        assertThat(gate.world().arrived()).isEmpty();
    }

    @Test
    void deniedNameIsAnsweredWithinAMillisecond() {
        byte[] query =
                HexFormat.of()
                        .parseHex(
                                "424201000001000000000000"
                                        + "0664656e696564"
                                        + "0774657374696e67"
                                        + "00"
                                        + "00010001");
        long median =
                gate.world()
                        .inside(
                                sandbox.netns(),
                                () -> {
                                    try (DatagramSocket socket = new DatagramSocket()) {
                                        socket.setSoTimeout(2000);
                                        socket.connect(new InetSocketAddress("169.254.53.53", 53));
                                        long best = Long.MAX_VALUE; // others use the machine, too
                                        for (int i = 0; i < 20; i++) {
                                            best = Math.min(best, median(socket, query));
                                        }
                                        return best;
                                    }
                                });

        assertThat(median).as("nanoseconds, round trip").isLessThan(1_000_000);
    }

    private static long median(DatagramSocket socket, byte[] query) throws IOException {
        long[] nanos = new long[100];
        byte[] buffer = new byte[1500];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            socket.send(new DatagramPacket(query, query.length));
            socket.receive(new DatagramPacket(buffer, buffer.length));
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }

    @Test
    void hintsOfAnAllowedNameAreNotGivenOut() {
        Result answer = dig("www.example.com", "HTTPS");

        assertThat(answer.output()).contains("status: NOERROR", "ANSWER: 0", "EDE: 17 (Filtered)");
        assertThat(gate.world().arrived()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "A, 93.184.216.35, 93.184.216.99",
        "AAAA, 2600:1f18:1::35, 2600:1f18:1::99",
    })
    void addressThatWasAnsweredHasItsNameAndOthersHaveNone(
            String type, String answered, String other) {
        dig("www.example.com", type);
        gate.world().forget();

        for (String server : new String[] {"169.254.53.53", "8.8.8.8"}) {
            assertThat(dig("@" + server, "-x", answered).output())
                    .contains("status: NOERROR", "ANSWER: 1")
                    .containsPattern("arpa\\.\\s+\\d+\\s+IN\\s+PTR\\s+www\\.example\\.com\\.");
            assertThat(dig("@" + server, "-x", other).output())
                    .contains("status: NXDOMAIN", "ANSWER: 0", "SOA");
        }
        assertThat(gate.world().arrived()).isEmpty();
    }

    @Test
    void queryGoesUpstreamWithoutAnythingOfTheClients() {
        dig(
                "WWW.v4only.EXAMPLE.com",
                "A",
                "+subnet=192.0.2.0/24",
                "+ednsopt=65001:deadbeef",
                "+nsid",
                "+padding=300");

        assertThat(gate.world().arrived())
                .isNotEmpty()
                .allSatisfy(packet ->
                        assertThat(packet.payload())
                                .hasSizeLessThan(80)
                                .doesNotContain("\u00de\u00ad"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "private.rebind.example.com A", "private6.rebind.example.com AAAA",
                        "metadata.rebind.example.com A",
                "metadata.rebind.example.com AAAA", "loopback.rebind.example.com A",
                        "loopback.rebind.example.com AAAA",
                "zero.rebind.example.com A", "cgnat.rebind.example.com A",
                        "multicast.rebind.example.com A",
                "mapped.rebind.example.com AAAA", "sixtofour.rebind.example.com AAAA",
                        "nat64.rebind.example.com AAAA",
            })
    void nameThatPointsInsideHasNoAddress(String question) {
        String[] words = question.split(" ", -1);

        Result answer = dig(words[0], words[1]);

        assertThat(answer.output()).contains("status: NOERROR", "ANSWER: 0", "rebinding");
    }

    @Test
    void onlyThePublicAddressOfAMixedNameIsAnsweredAndOpened() {
        assertThat(dig("mixed.rebind.example.com", "+short").output().strip())
                .isEqualTo("93.184.216.42");
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.42/").output())
                .startsWith("internet for ");
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://10.0.0.6/").exit()).isNotZero();
    }

    @Test
    void strangerIsRefused() {
        Result answer =
                gate.world()
                        .host()
                        .run("dig", "@169.254.53.53", "www.example.com", "+tries=1", "+time=2");

        assertThat(answer.output()).contains("status: REFUSED", "EDE: 18 (Prohibited)");
    }

    private static Result dig(String... words) {
        String[] command = new String[words.length + 3];
        command[0] = "dig";
        command[1] = "+tries=1";
        command[2] = "+time=3";
        System.arraycopy(words, 0, command, 3, words.length);
        return sandbox.run(command);
    }

    /** Answers of an upstream that lies. */
    @Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
    static class CrookedUpstreamTest {
        @Test
        void foreignRecordIsNeitherAnsweredNorOpened() {
            try (Gate crooked = Gate.upWith(World.CROOKED4)) {
                crooked.admin("org", "create", "acme");
                crooked.admin("org", "set", "acme", "--level", "none");
                crooked.admin("org", "allow", "acme", ".example.com");
                Sandbox inside = crooked.sandbox("sb0", "acme");

                Result answer =
                        inside.run("dig", "foreign.example.com", "+short", "+tries=1", "+time=3");

                assertThat(answer.output().strip()).isEqualTo("93.184.216.250");
                assertThat(inside.run("curl", "-sS", "-m", "3", "http://93.184.216.250/").output())
                        .startsWith("internet for ");
                for (String foreign : new String[] {"93.184.216.251", "93.184.216.252"}) {
                    assertThat(
                                    inside.run("curl", "-sS", "-m", "3", "http://" + foreign + "/")
                                            .exit())
                            .isEqualTo(7);
                }
            }
        }
    }
}
