package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sessions over time: changes of settings, failures, ends. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class LifeTest {
    private static final String SECURE_SHELL_BANNER = "SSH-2.0-pretend\r\n";

    private Gate gate;

    @BeforeEach
    void open() {
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
    }

    @AfterEach
    void close() {
        gate.close();
    }

    @Test
    void sessionKeepsItsAccessAndANewOneHasTheNew() {
        Sandbox old = gate.sandbox("sb0", "acme");

        gate.admin("org", "remove", "acme", ".example.com");
        gate.admin("org", "allow", "acme", "denied.example.org");
        Sandbox fresh = gate.sandbox("sb1", "acme");

        assertThat(status(old, "www.example.com")).isEqualTo("NOERROR");
        assertThat(status(old, "denied.example.org")).isEqualTo("NXDOMAIN");
        assertThat(status(fresh, "www.example.com")).isEqualTo("NXDOMAIN");
        assertThat(status(fresh, "denied.example.org")).isEqualTo("NOERROR");
    }

    @Test
    void answerWhosePinFailsNeverLeaves() throws IOException {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        assertThat(status(sandbox, "www.example.com")).isEqualTo("NOERROR");

        gate.sabotage().holdTools(); // nothing is repaired before the answer
        loseSets();
        Result answer = dig(sandbox, "api.example.com");
        for (int i = 0; i < 3 && answer.output().contains("no servers could be reached"); i++) {
            // A machine that is busy answers later than dig waits.
            answer = dig(sandbox, "api.example.com");
        }
        gate.sabotage().letToolsGo();

        assertThat(answer.output()).contains("status: SERVFAIL").contains("enforcement not ready");
        assertThat(answer.output()).doesNotContain("93.184.216.36");
        assertThat(gate.metric("sallyport_answers_without_pin_total")).isZero();
        Gate.await(
                "the rules are repaired",
                () -> gate.ready() && status(sandbox, "api.example.com").equals("NOERROR"));
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://api.example.com/").output())
                .startsWith("internet for ");
    }

    @Test
    void killedNodeOpensNothingKeepsConnectionsAndComesBackByItself() throws IOException {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        dig(sandbox, "www.example.com");
        try (Socket connection = connect(sandbox, "93.184.216.35", 22)) {
            assertThat(read(connection, SECURE_SHELL_BANNER.length()))
                    .isEqualTo(SECURE_SHELL_BANNER);

            gate.kill();
            gate.world().forget();
            assertThat(dig(sandbox, "api.example.com").exit())
                    .as("no DNS without a node")
                    .isNotZero();
            assertThat(
                            sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/")
                                    .exit())
                    .isEqualTo(7);
            assertThat(
                            sandbox.run(
                                            "dig",
                                            "@8.8.8.8",
                                            "denied.example.org",
                                            "+tries=1",
                                            "+time=1")
                                    .exit())
                    .isNotZero();
            assertThat(gate.world().arrived()).isEmpty();
            assertThat(echo(connection, "still here")).isEqualTo("still here");
            assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.35/").output())
                    .as("what was answered before lasts as long as its pin")
                    .startsWith("internet for ");

            gate.restart();
            assertThat(status(sandbox, "api.example.com")).isEqualTo("NOERROR");
            assertThat(status(sandbox, "denied.example.org")).isEqualTo("NXDOMAIN");
            assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://api.example.com/").output())
                    .startsWith("internet for ");
            assertThat(echo(connection, "and again")).isEqualTo("and again");
        }
    }

    @Test
    void endedSessionHasNoNamesNoWaysOutAndNoFlows() throws IOException {
        Sandbox sandbox = gate.world().sandbox("sb0");
        String session = gate.start(sandbox, "acme");
        dig(sandbox, "www.example.com");
        dig(sandbox, "denied.example.org");
        sandbox.run("curl", "-sS", "-m", "3", "http://" + World.PUBLIC4 + "/");
        try (Socket connection = connect(sandbox, "93.184.216.35", 22)) {
            assertThat(read(connection, SECURE_SHELL_BANNER.length()))
                    .isEqualTo(SECURE_SHELL_BANNER);

            JsonNode report = gate.end(session);

            assertThat(report.path("denied-names").path(0).path("name").asString())
                    .isEqualTo("denied.example.org");
            assertThat(report.path("denied-addresses").path(0).path("address").asString())
                    .isEqualTo(World.PUBLIC4);
            gate.world().forget();
            connection.setSoTimeout(1500);
            assertThat(answers(connection)).isFalse();
            assertThat(dig(sandbox, "www.example.com").exit()).isNotZero();
            assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://93.184.216.35/").exit())
                    .isNotZero();
            assertThat(gate.world().escaped()).isEmpty();
        }
    }

    @Test
    void networkWithoutSessionIsToldThatItIsNotReady() throws Exception {
        Sandbox sandbox = gate.world().sandbox("sb0");
        gate.client().post("/v1/networks", Gate.place(sandbox));

        assertThat(dig(sandbox, "www.example.com").output())
                .contains("status: NXDOMAIN", "EDE: 14 (Not Ready)");
        assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/").exit())
                .isEqualTo(7);

        String session = gate.start(sandbox, "acme");
        assertThat(status(sandbox, "www.example.com")).isEqualTo("NOERROR");
        gate.end(session);
        assertThat(dig(sandbox, "www.example.com").output()).contains("EDE: 14 (Not Ready)");
    }

    @Test
    void fullDiskRefusesASessionLeavesNothingInForceAndHoldsUpNoEnd() throws Exception {
        Sandbox running = gate.sandbox("sb0", "acme");
        Sandbox waiting = gate.world().sandbox("sb1");
        Sandbox fresh = gate.world().sandbox("sb2");
        gate.client().post("/v1/networks", Gate.place(waiting));
        String session = gate.client().get("/v1/sessions").at("/sessions/0/id").stringValue();
        String before = bindings();

        gate.sabotage().fillDisk();
        for (Sandbox sandbox : List.of(waiting, fresh)) {
            assertThatThrownBy(() ->
                            gate.client()
                                    .post("/v1/sessions", Gate.place(sandbox).put("org", "acme")))
                    .hasMessageContaining("No space left on device");
        }

        assertThat(bindings()).isEqualTo(before);
        assertThat(gate.client().get("/v1/sessions").path("sessions")).hasSize(1);
        assertThat(dig(waiting, "www.example.com").output()).contains("EDE: 14 (Not Ready)");
        assertThat(dig(fresh, "www.example.com").output()).doesNotContain("93.184.216.35");
        assertThat(status(running, "www.example.com")).isEqualTo("NOERROR");
        gate.end(session);
        assertThat(dig(running, "www.example.com").output()).doesNotContain("93.184.216.35");

        gate.sabotage().emptyDisk();
        String late = gate.start(waiting, "acme");
        assertThat(status(waiting, "www.example.com")).isEqualTo("NOERROR");
        gate.sabotage().fillDisk();
        gate.end(late);
        assertThat(dig(waiting, "www.example.com").output()).contains("EDE: 14 (Not Ready)");
    }

    @Test
    void sessionEndsEvenIfItsCountsAreGone() throws IOException {
        Sandbox sandbox = gate.world().sandbox("sb0");
        String session = gate.start(sandbox, "acme");
        dig(sandbox, "www.example.com");

        gate.sabotage().holdTools();
        loseSets();
        assertThat(gate.world().host().run("ipset", "list", "-n").output()).isBlank();
        gate.sabotage().letToolsGo();
        gate.end(session);

        Gate.await("the rules are repaired", gate::ready);
        gate.world().forget();
        assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://93.184.216.35/").exit())
                .isNotZero();
        assertThat(gate.world().escaped()).isEmpty();
    }

    @Test
    void pendingNetworkIsFoundWhateverTheOrderOfItsAddresses() throws Exception {
        Sandbox sandbox = gate.world().sandbox("sb0");
        gate.client().post("/v1/networks", Gate.place(sandbox));
        var turned = Gate.place(sandbox).put("org", "acme");
        turned.putArray("addresses").add(sandbox.address6()).add(sandbox.address4());

        gate.client().post("/v1/sessions", turned);

        assertThat(gate.client().get("/v1/networks").path("networks")).hasSize(1);
        assertThat(status(sandbox, "www.example.com")).isEqualTo("NOERROR");
    }

    @Test
    void metricsCountAfterACollectionAsBefore() {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        gate.collectGarbage();

        assertThat(status(sandbox, "www.example.com")).isEqualTo("NOERROR");
        sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/");

        assertThat(gate.sum("sallyport_queries_total{family=\"4\",proto=\"udp\"")).isEqualTo(1);
        assertThat(gate.metric("sallyport_pins_total{result=\"ok\"}")).isEqualTo(1);
        assertThat(gate.metric("sallyport_cache_entries")).isEqualTo(1);
        assertThat(gate.metric("sallyport_kernel_dropped_packets_total{kind=\"unpinned\"}"))
                .isPositive();
        assertThat(gate.metric("sallyport_sessions{state=\"bound\"}")).isEqualTo(1);
    }

    @Test
    void journalThatWasCutShortRestoresNothingAndStaysClosed() throws IOException {
        Sandbox broken = gate.sandbox("sb0", "acme");
        Sandbox whole = gate.sandbox("sb1", "acme");
        dig(broken, "www.example.com");
        gate.kill();
        Path cut = journalOf(broken);
        Files.write(cut, Files.readAllLines(cut).getFirst().getBytes(StandardCharsets.UTF_8));

        gate.restart();

        assertThat(gate.log()).anyMatch(line -> line.contains(cut.getFileName().toString()));
        gate.world().forget();
        assertThat(dig(broken, "www.example.com").exit()).isNotZero();
        assertThat(broken.run("curl", "-sS", "-m", "2", "http://93.184.216.35/").exit())
                .isNotZero();
        assertThat(gate.world().escaped()).isEmpty();
        assertThat(status(whole, "www.example.com")).isEqualTo("NOERROR");
    }

    @Test
    void internetAccessOffDeniesEveryName() {
        gate.admin("org", "set", "acme", "--internet", "off");
        Sandbox sandbox = gate.sandbox("sb0", "acme");

        assertThat(status(sandbox, "www.example.com")).isEqualTo("NXDOMAIN");
        assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/").exit())
                .isEqualTo(7);
        assertThat(gate.world().arrived()).isEmpty();
    }

    @Test
    void levelAllOpensPublicAddressesAndNothingElse() {
        gate.admin("org", "set", "acme", "--level", "all", "--confirm", "all-domains");
        Sandbox sandbox = gate.sandbox("sb0", "acme");

        assertThat(
                        sandbox.run("curl", "-sS", "-m", "3", "http://" + World.PUBLIC4 + ":8080/")
                                .output())
                .startsWith("internet for ");
        assertThat(status(sandbox, "denied.example.org")).isEqualTo("NOERROR");
        for (String closed :
                List.of(
                        "169.254.169.254",
                        "10.201.1.1:8000",
                        "192.168.1.1",
                        World.PUBLIC4 + ":853")) {
            assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://" + closed + "/").exit())
                    .as(closed)
                    .isEqualTo(7);
        }
        assertThat(dig(sandbox, "dns.google").output()).contains("status: NXDOMAIN");
    }

    @Test
    void flushedRulesAreRepairedAndNothingGetsOutMeanwhile() {
        Sandbox sandbox = gate.sandbox("sb0", "acme");
        for (String program : List.of("iptables", "ip6tables")) {
            gate.world().host().run(program, "-w", "-t", "filter", "-F", "FORWARD").ok();
        }

        Gate.await(
                "repaired",
                () -> gate.metric("sallyport_rules_repairs_total") >= 1 && gate.ready());
        gate.world().forget();
        assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/").exit())
                .isEqualTo(7);
        assertThat(gate.world().escaped()).isEmpty();
    }

    /** Chains and sets of single networks, by name. */
    private String bindings() {
        return gate.world()
                .host()
                .run("sh", "-c", "iptables-save; ip6tables-save; ipset save -sorted")
                .output()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line ->
                        line.replaceAll("\\[\\d+:\\d+]|(timeout|packets|bytes|initval) \\w+", ""))
                .collect(java.util.stream.Collectors.joining("\n"));
    }

    /** With the node's tools held: what it repairs must not come between. */
    private void loseSets() {
        gate.world()
                .host()
                .run(
                        "sh",
                        "-c",
                        """
                        for program in iptables ip6tables; do
                            { echo '*filter'; $program-save -t filter | grep '^:SALLYPORT'; echo COMMIT; } |
                                $program-restore --noflush -w
                        done
                        ipset destroy\
                        """)
                .ok();
    }

    private Path journalOf(Sandbox sandbox) throws IOException {
        try (Stream<Path> files = Files.list(gate.data().resolve("journal"))) {
            return files.filter(file -> file.toString().endsWith(".v1"))
                    .filter(file -> contains(file, sandbox.address4()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Socket connect(Sandbox sandbox, String address, int port) {
        return gate.world()
                .inside(
                        sandbox.netns(),
                        () -> {
                            Socket socket = new Socket();
                            socket.connect(new InetSocketAddress(address, port), 3000);
                            socket.setSoTimeout(3000);
                            return socket;
                        });
    }

    private static String echo(Socket connection, String text) throws IOException {
        connection.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return read(connection, text.length());
    }

    private static String read(Socket connection, int octets) throws IOException {
        return new String(
                connection.getInputStream().readNBytes(octets), StandardCharsets.US_ASCII);
    }

    private static boolean answers(Socket connection) {
        try {
            return echo(connection, "anyone?").equals("anyone?");
        } catch (IOException e) {
            return false;
        }
    }

    private static String status(Sandbox sandbox, String name) {
        return dig(sandbox, name).output().replaceFirst("(?s).*status: ([A-Z]+).*", "$1");
    }

    private static Result dig(Sandbox sandbox, String name) {
        return sandbox.run("dig", name, "+tries=1", "+time=2");
    }
}
