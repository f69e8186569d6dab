package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.cli.Cli;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The probe finds what is open and calls blocked what is not: in a sandbox without rules, and
 * behind real ones.
 */
@Needs({"nsd", "tcpdump", "unshare", "setpriv"})
class ProbeTest {
    private World world;
    private Sandbox sandbox;

    @BeforeEach
    void start() {
        world = World.start();
        sandbox = world.sandbox("sb0").nameservers(World.UPSTREAM4);
    }

    @AfterEach
    void close() {
        world.close();
    }

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
    void seesAGuardThatItsPrisonerCouldTakeAway() {
        sandbox.netns().run("iptables", "-A", "OUTPUT", "-p", "tcp", "-j", "REJECT").ok();
        assertThat(ways(report(probe("--json")), "open")).contains("own-rules");
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

    @ParameterizedTest
    @ValueSource(strings = {"DROP", "REJECT"})
    void findsNothingOpenBehindAWall(String wall) {
        for (String chain : List.of("FORWARD", "INPUT")) {
            rule("iptables", "-A", chain, "-i", "sb0", "-j", wall);
            rule("ip6tables", "-A", chain, "-i", "sb0", "-j", wall);
        }
        rule(
                "ip6tables",
                "-I",
                "INPUT",
                "-i",
                "sb0",
                "-p",
                "icmpv6",
                "--icmpv6-type",
                "135",
                "-j",
                "ACCEPT");
        rule(
                "ip6tables",
                "-I",
                "INPUT",
                "-i",
                "sb0",
                "-p",
                "icmpv6",
                "--icmpv6-type",
                "136",
                "-j",
                "ACCEPT");
        // Else the host's refusal of a spoofed packet would carry its first octets to whoever was
        // named as its source.
        rule("iptables", "-I", "FORWARD", "-i", "sb0", "!", "-s", sandbox.address4(), "-j", "DROP");
        rule(
                "ip6tables",
                "-I",
                "FORWARD",
                "-i",
                "sb0",
                "!",
                "-s",
                sandbox.address6(),
                "-j",
                "DROP");
        // One after the other, ninety silences would take three minutes.
        Instant start = Instant.now();
        Result result = probe("--json");
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(60));
        JsonNode report = report(result);
        assertThat(ways(report, "open")).isEmpty();
        assertThat(ways(report, "blocked")).hasSizeGreaterThan(60);
        assertThat(result.exit()).isZero();
        assertThat(world.escaped()).isEmpty();
        assertThat(probe("--allowed", "www.example.com").exit())
                .as("without the control nothing is known")
                .isEqualTo(1);
    }

    @Test
    void callsAGuardedSandboxGuarded() throws Exception {
        sandbox.nameservers("169.254.53.53");
        world.host().address("lo", "169.254.53.53/32").address("lo", "fd00:53::53/128");
        for (String family : List.of("4", "6")) {
            String tables = family.equals("4") ? "iptables" : "ip6tables";
            String own = family.equals("4") ? sandbox.address4() : sandbox.address6();
            String pin = family.equals("4") ? "93.184.216.35" : "2600:1f18:1::35";
            rule(tables, "-A", "FORWARD", "-i", "sb0", "!", "-s", own, "-j", "DROP");
            for (String protocol : List.of("udp", "tcp")) {
                rule(
                        tables,
                        "-t",
                        "nat",
                        "-A",
                        "PREROUTING",
                        "-i",
                        "sb0",
                        "-p",
                        protocol,
                        "--dport",
                        "53",
                        "-j",
                        "REDIRECT",
                        "--to-ports",
                        "5353");
                rule(
                        tables, "-A", "INPUT", "-i", "sb0", "-p", protocol, "--dport", "5353", "-j",
                        "ACCEPT");
            }
            rule(
                    tables,
                    "-A",
                    "FORWARD",
                    "-m",
                    "conntrack",
                    "--ctstate",
                    "ESTABLISHED",
                    "-j",
                    "ACCEPT");
            rule(
                    tables,
                    "-A",
                    "FORWARD",
                    "-i",
                    "sb0",
                    "-d",
                    pin,
                    "-p",
                    "tcp",
                    "-m",
                    "multiport",
                    "--dports",
                    "22,80,443",
                    "-j",
                    "ACCEPT");
            rule(
                    tables, "-A", "FORWARD", "-i", "sb0", "-d", pin, "-p", "udp", "--dport", "443",
                    "-j", "ACCEPT");
            rule(tables, "-A", "FORWARD", "-i", "sb0", "-s", own, "-j", "REJECT");
            rule(tables, "-A", "FORWARD", "-i", "sb0", "-j", "DROP");
        }
        rule(
                "ip6tables",
                "-A",
                "INPUT",
                "-i",
                "sb0",
                "-p",
                "icmpv6",
                "--icmpv6-type",
                "135",
                "-j",
                "ACCEPT");
        rule(
                "ip6tables",
                "-A",
                "INPUT",
                "-i",
                "sb0",
                "-p",
                "icmpv6",
                "--icmpv6-type",
                "136",
                "-j",
                "ACCEPT");
        rule("iptables", "-A", "INPUT", "-i", "sb0", "-j", "REJECT");
        rule("ip6tables", "-A", "INPUT", "-i", "sb0", "-j", "REJECT");
        try (Closeable resolver =
                world.nameServer(world.host(), 5353, ProbeTest::onlyTheAllowedName)) {
            assertThat(resolver).isNotNull();
            Result result = probe("--allowed", "www.example.com", "--json", "--timeout", "3000");
            JsonNode report = report(result);
            assertThat(report.at("/control/result").asString())
                    .as(result.output())
                    .isEqualTo("open");
            assertThat(ways(report, "open")).as(result.output()).isEmpty();
            assertThat(result.exit()).isZero();
            assertThat(world.escaped())
                    .extracting(packet -> packet.destination().getHostAddress())
                    .containsOnly("93.184.216.35", "2600:1f18:1:0:0:0:0:35");
        }
    }

    private static Message onlyTheAllowedName(Message query) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        Record question = query.getQuestion();
        answer.addRecord(question, Section.QUESTION);
        if (!question.getName().toString(true).equalsIgnoreCase("www.example.com")) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        } else if (question.getType() == Type.A) {
            InetAddress four = InetAddress.ofLiteral("93.184.216.35");
            answer.addRecord(new ARecord(question.getName(), DClass.IN, 60, four), Section.ANSWER);
        } else if (question.getType() == Type.AAAA) {
            InetAddress six = InetAddress.ofLiteral("2600:1f18:1::35");
            answer.addRecord(
                    new AAAARecord(question.getName(), DClass.IN, 60, six), Section.ANSWER);
        }
        return answer;
    }

    @Test
    void seesThatIpv6WasForgotten() {
        rule("iptables", "-A", "FORWARD", "-i", "sb0", "-j", "REJECT");
        rule("iptables", "-A", "INPUT", "-i", "sb0", "-j", "REJECT");
        JsonNode report = report(probe("--json"));
        assertThat(ways(report, "open"))
                .contains(
                        "tcp-direct-v6",
                        "udp-direct-v6",
                        "icmp-echo-v6",
                        "other-protocols-v6",
                        "dns-udp-to-2001:4860:4860::8888")
                .noneMatch(way -> way.endsWith("-v4"));
        assertThat(ways(report, "blocked"))
                .contains("tcp-direct-v4", "udp-direct-v4", "icmp-echo-v4", "tcp-mapped-v4");
    }

    @Test
    void seesWhatARuleForTcpAndUdpForgets() {
        rule(
                "iptables",
                "-A",
                "FORWARD",
                "-i",
                "sb0",
                "-p",
                "tcp",
                "-j",
                "REJECT",
                "--reject-with",
                "tcp-reset");
        rule(
                "iptables",
                "-A",
                "FORWARD",
                "-i",
                "sb0",
                "-p",
                "udp",
                "!",
                "--sport",
                "53",
                "-j",
                "REJECT");
        assertThat(ways(report(probe("--json")), "open"))
                .contains(
                        "icmp-echo-v4",
                        "other-protocols-v4",
                        "udp-from-port-53-v4",
                        "host-services-v4")
                .doesNotContain("tcp-direct-v4", "udp-direct-v4", "tcp-from-port-53-v4");
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

    private void rule(String... command) {
        world.host().run(command).ok();
    }

    private Result probe(String... arguments) {
        return probe(List.of(), arguments);
    }

    private Result probe(List<String> prefix, String... arguments) {
        Stream<String> targets =
                Stream.of(
                        "probe",
                        "--denied",
                        "denied.example.org",
                        "--target-address",
                        World.PUBLIC4 + "," + World.PUBLIC6);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                World.sallyport(
                        Stream.concat(targets, Stream.of(arguments)).toArray(String[]::new)));
        return sandbox.run(command.toArray(String[]::new));
    }

    private static JsonNode report(Result result) {
        assertThat(result.output()).startsWith("{");
        return JsonMapper.shared().readTree(result.output());
    }

    private static Set<String> ways(JsonNode report, String result) {
        Set<String> ways = new TreeSet<>();
        for (JsonNode way : report.at("/ways")) {
            if (way.at("/result").asString().equals(result)) {
                ways.add(way.at("/way").asString());
            }
        }
        return ways;
    }
}
