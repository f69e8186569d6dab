package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.gate.Asker.Counts;
import io.sallyport.sync.gate.Asker.Question;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What breaks, what happens, how long: each row under a steady load of queries, with datagrams to
 * closed addresses beside it and every packet that reaches the internet looked at.
 */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class FailureTableTest {
    private static final int PER_SECOND = 100;
    private static final int ASKED = 40;
    private static final String BANNER = "SSH-2.0-pretend\r\n";

    /** Allowed, but asked by no load. */
    private static final Site COLD = Site.of("red", 150);

    private static World world;
    private static RealControl control;
    private static Gate gate;
    private static Sandbox red;
    private static Sandbox blue;
    private static String session;
    private static DatagramSocket plain;
    private static DatagramSocket plain6;
    private static DatagramSocket spoofing;

    private final Ledger ledger = new Ledger();
    private Asker load;
    private Knocks knocks;
    private long broken;
    private String recovery = "not interrupted";

    @BeforeAll
    static void open() {
        world = World.start();
        control = new RealControl(world);
        gate = Gate.in(world, control.options());
        red = world.sandbox("sb0");
        blue = world.sandbox("sb1");
        session = gate.start(red, "red");
        gate.start(blue, "blue");
        red.run("ip", "address", "add", blue.address4() + "/32", "dev", "lo").ok();
        plain = Asker.socket(world, red.netns(), red.address4());
        plain6 = Asker.socket(world, red.netns(), red.address6());
        spoofing = Asker.socket(world, red.netns(), blue.address4());
    }

    @AfterAll
    static void close() {
        plain.close();
        plain6.close();
        spoofing.close();
        control.close();
        gate.close();
    }

    @BeforeEach
    void begin() {
        ledger.home("red", red.address4(), red.address6());
        ledger.home("blue", blue.address4(), blue.address6());
        world.forget();
        load = load().steadily(PER_SECOND, questions());
        List<InetSocketAddress> closed = closed();
        int[] next = {0};
        knocks =
                new Knocks(
                        50,
                        List.of(plain, plain6, spoofing),
                        () -> closed.get(next[0]++ % closed.size()));
        pause(500);
        broken = System.nanoTime();
    }

    @AfterEach
    void settle() {
        knocks.close();
        load.close();
    }

    @Test
    void nodeKilled() throws IOException {
        try (Socket flow = connect(Site.of("red", 1))) {
            assertThat(read(flow, BANNER.length())).isEqualTo(BANNER);
            gate.kill();
            assertThat(echo(flow, "goes on")).isEqualTo("goes on");
            assertThat(reaches(Site.of("red", 2).address4())).as("pinned before").isTrue();
            assertThat(reaches(World.PUBLIC4)).isFalse();
            gate.restart();
            recovered();
            assertThat(echo(flow, "and on")).isEqualTo("and on");
        }
        assertThat(gate.sessions()).contains(session);
        Counts counts = row("node killed");
        assertThat(counts.lost()).isPositive();
    }

    @Test
    void controlKilled() {
        Sandbox late = world.sandbox("sb2");
        control.kill();
        assertThatThrownBy(() -> gate.start(late, "red"))
                .hasMessageContaining("http://127.0.0.1:7053 does not answer");
        control.restart();
        untouched("control killed");
        gate.end(gate.start(late, "red"));
    }

    @Test
    void databaseKilled() {
        Sandbox late = world.sandbox("sb3");
        control.killDatabase();
        assertThatThrownBy(() -> gate.start(late, "red"))
                .hasMessageMatching(
                        "(?s).*http://127.0.0.1:7053 (did not answer within \\d+ ms|answers with status 503).*");
        control.restartDatabase();
        Gate.await("starts work again", () -> startsAndEnds(late));
        untouched("database killed");
    }

    @Test
    void upstreamsSilent() {
        pause(500);
        world.silenceUpstreams(true);
        try (Asker cold = load()) {
            pause(TimeUnit.SECONDS.toMillis(Site.TTL)); // from now on all answers are stale
            cold.ask(new Question(COLD, true));
            assertThat(cold.settled().failed()).as("SERVFAIL, not silence").isEqualTo(1);
        }
        world.silenceUpstreams(false);
        broken = System.nanoTime();
        Gate.await("a new name is answered", () -> answers(COLD));
        recovery = sinceBroken();
        assertThat(world.escaped()).as("no way but the upstreams").allMatch(ours -> !host(ours));
        untouched("upstreams silent");
    }

    @ParameterizedTest
    @CsvSource({
        "iptables -t raw -F,      for t in iptables ip6tables; do $t -w -t raw -F; done",
        "iptables -t nat -F,      for t in iptables ip6tables; do $t -w -t nat -F; done",
        "iptables -t mangle -F,   for t in iptables ip6tables; do $t -w -t mangle -F; done",
        "ipset flush,             ipset flush",
        "iptables -F,             for t in iptables ip6tables; do $t -w -F; done",
        "iptables -F FORWARD,     for t in iptables ip6tables; do $t -w -F FORWARD; done",
    })
    void rulesLost(String what, String script) {
        double repairs = gate.metric("sallyport_rules_repairs_total");
        long rules = gate.ownRules();
        world.host().run("sh", "-c", script).ok();
        Gate.await(
                "it is repaired",
                () -> gate.ready() && repaired(repairs) && gate.ownRules() == rules);
        recovery = sinceBroken();
        row(what);
        assertThat(reaches(World.PUBLIC4)).isFalse();
    }

    /** Nothing is left that could hold: what gets out is counted, and nothing does afterwards. */
    @Test
    void allRulesLostAtOnce() {
        double repairs = gate.metric("sallyport_rules_repairs_total");
        long rules = gate.ownRules();
        world.host()
                .run(
                        "sh",
                        "-c",
                        "for t in filter mangle nat raw; do iptables -w -t $t -F; ip6tables -w -t $t -F; done")
                .ok();
        Gate.await(
                "it is repaired",
                () -> gate.ready() && repaired(repairs) && gate.ownRules() == rules);
        recovery = sinceBroken();
        int got = ledger.unexplained(world.arrived()).size();
        System.out.printf("failure table: all tables flushed: %d escaped meanwhile%n", got);
        world.forget();
        pause(500);
        row("all tables flushed, from the repair on");
        assertThat(reaches(World.PUBLIC4)).isFalse();
    }

    @Test
    void diskFull() {
        Sandbox late = world.sandbox("sb4");
        String before = bindings();
        gate.sabotage().fillDisk();
        assertThatThrownBy(() -> gate.start(late, "red"))
                .hasMessageContaining("No space left on device");
        assertThat(bindings()).isEqualTo(before);
        gate.sabotage().emptyDisk();
        gate.end(gate.start(late, "red"));
        untouched("disk full");
    }

    @Test
    void floodFromAnotherSandbox() {
        try (DatagramSocket flooding = Asker.socket(world, blue.netns(), blue.address4())) {
            InetSocketAddress resolver = new InetSocketAddress("169.254.53.53", 53);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
            int sent = 0;
            for (; System.nanoTime() < end; sent++) {
                Knocks.send(flooding, resolver, "nonsense");
            }
            recovery = sent / 3 + " datagrams a second beside it";
        }
        untouched("flood from one sandbox");
        assertThat(gate.metric("sallyport_kernel_dropped_packets_total{kind=\"dns_flood\"}"))
                .isPositive();
    }

    /** Nothing got out, nothing wrong was said, and all is well again. */
    private Counts row(String what) {
        Counts counts = load.settled();
        int knocked = knocks.sent();
        knocks.close();
        Knocks.send(plain, new InetSocketAddress(Site.of("red", 1).address4(), 443), "honest");
        Gate.await(
                "the capture sees what is allowed",
                () -> world.arrived().stream().anyMatch(each -> each.payload().equals("honest")));
        var escaped = ledger.unexplained(world.arrived());
        System.out.printf(
                "failure table: %s: %s; escaped %d of %d; recovery %s%n",
                what, counts, escaped.size(), knocked, recovery);
        assertThat(escaped).as("escaped").isEmpty();
        assertThat(knocked).isPositive();
        assertThat(counts.wrong()).as("wrong answers").isZero();
        assertThat(counts.closed()).as("a session that is not known").isZero();
        try (Asker after = load().steadily(PER_SECOND, questions())) {
            pause(500);
            Counts well = after.settled();
            assertThat(well.good()).as("all is well again: %s", well).isEqualTo(well.asked());
        }
        return counts;
    }

    private void untouched(String what) {
        Counts counts = row(what);
        assertThat(counts.good()).as("%s: %s", what, counts).isEqualTo(counts.asked());
    }

    private void recovered() {
        int good = load.counts().good();
        Gate.await("an answer", () -> load.counts().good() > good);
        recovery = sinceBroken();
    }

    private String sinceBroken() {
        return Duration.ofNanos(System.nanoTime() - broken).toMillis() + " ms";
    }

    private Asker load() {
        return new Asker("red", ledger, Asker.socket(world, red.netns(), red.address4()));
    }

    private static boolean startsAndEnds(Sandbox sandbox) {
        try {
            gate.end(gate.start(sandbox, "red"));
            return true;
        } catch (AssertionError e) {
            return false; // connections of the control server to the dead database
        }
    }

    private boolean answers(Site site) {
        try (Asker once = load()) {
            once.ask(new Question(site, true));
            return once.settled().good() == 1;
        }
    }

    /** Of ten questions one is for a name of another org. */
    private static List<Question> questions() {
        return IntStream.rangeClosed(1, ASKED)
                .mapToObj(i ->
                        i % 10 == 0
                                ? new Question(Site.of("blue", i), false)
                                : new Question(Site.of("red", i), true))
                .toList();
    }

    private static List<InetSocketAddress> closed() {
        return List.of(
                new InetSocketAddress(World.PUBLIC4, 443),
                new InetSocketAddress(World.PUBLIC6, 443),
                new InetSocketAddress(Site.of("blue", 5).address4(), 443),
                new InetSocketAddress(Site.of("blue", 5).address6(), 443),
                new InetSocketAddress(Site.of("red", 199).address4(), 443),
                new InetSocketAddress(Site.of("red", 1).address4(), 9999),
                new InetSocketAddress("8.8.8.8", 53),
                new InetSocketAddress("2001:4860:4860::8888", 53));
    }

    private static boolean repaired(double before) {
        return gate.metric("sallyport_rules_repairs_total") > before;
    }

    private static boolean host(World.Packet packet) {
        String source = packet.source().getHostAddress();
        return !source.equals(red.address4())
                && !packet.source().equals(InetAddress.ofLiteral(red.address6()));
    }

    private static boolean reaches(String address) {
        return red.run("curl", "-sS", "-m", "3", "http://" + address + "/").exit() == 0;
    }

    /** Chains and sets, without what they count. */
    private static String bindings() {
        return world.host()
                .run("sh", "-c", "iptables-save; ip6tables-save; ipset list -n")
                .output()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("\\[\\d+:\\d+]", ""))
                .collect(Collectors.joining("\n"));
    }

    private Socket connect(Site site) {
        Gate.await("pinned", () -> load.counts().good() > ASKED);
        return world.inside(
                red.netns(),
                () -> {
                    Socket socket = new Socket();
                    socket.connect(new InetSocketAddress(site.address4(), 22), 3000);
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

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
