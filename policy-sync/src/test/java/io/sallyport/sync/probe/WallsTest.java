package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import java.io.Closeable;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

/** The probe behind rules, whole ones and ones with a hole. */
@Needs({"nsd", "tcpdump", "unshare", "ip6tables"})
class WallsTest extends Probing {
    @Test
    void seesAGuardThatItsPrisonerCouldTakeAway() {
        sandbox.netns().run("iptables", "-A", "OUTPUT", "-p", "tcp", "-j", "REJECT").ok();
        assertThat(ways(report(probe("--json")), "open")).contains("own-rules");
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
                world.nameServer(world.host(), 5353, WallsTest::onlyTheAllowedName)) {
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
}
