package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.gate.Load.Figures;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** One process of a node after another, under load; the last ones are killed. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "dnsperf"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OverlapTest {
    private static final int UPGRADES = Integer.getInteger("sallyport.upgrades", 5);
    private static final int A_SECOND = 500;
    private static final String RESOLVER = "169.254.53.53";

    /** From the cache, denied, and from upstream again and again (TTL 1 s). */
    private static final List<String> NAMES =
            List.of(
                    "www.example.com",
                    "denied.example.org",
                    "api.example.com",
                    "short.example.com",
                    "v4only.example.com");

    private static Gate gate;
    private static Sandbox sandbox;

    @BeforeAll
    static void open() {
        gate =
                Gate.in(
                        World.start(),
                        List.of(
                                "--upstream",
                                World.UPSTREAM4,
                                "--forward",
                                ".crooked.example.com=" + World.CROOKED4));
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
        sandbox = gate.sandbox("sb0", "acme");
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    @Test
    @Order(1)
    void upgradesLoseNoQueryAndNoSession() throws Exception {
        Sandbox other = gate.world().sandbox("sb1");
        try (Load load = Load.start(sandbox, RESOLVER, A_SECOND, 600, NAMES);
                var background = Executors.newVirtualThreadPerTaskExecutor()) {
            long slowest = 0;
            for (int i = 0; i < UPGRADES; i++) {
                Future<?> upgrade = background.submit(gate::takeOver);
                do {
                    long begun = System.nanoTime();
                    gate.end(gate.start(other, "acme"));
                    slowest = Math.max(slowest, System.nanoTime() - begun);
                } while (!upgrade.isDone());
                upgrade.get();
            }
            Figures figures = load.stop();

            System.out.println(
                    "upgrades="
                            + UPGRADES
                            + " sent="
                            + figures.sent()
                            + " lost="
                            + figures.lost()
                            + " slowest-session-start-and-end-ms="
                            + TimeUnit.NANOSECONDS.toMillis(slowest));
            assertThat(figures.lost()).as(figures.all()).isZero();
            assertThat(figures.sent()).isGreaterThan(A_SECOND);
            assertThat(figures.all()).doesNotContain("SERVFAIL");
        }
        assertThat(gate.client().get("/v1/sessions").path("sessions")).hasSize(1);
        assertThat(gate.ready()).isTrue();
    }

    @Test
    @Order(2)
    void whatWasAskedBeforeIsAnsweredAndPinned() throws Exception {
        try (Socket stream = connect();
                var background = Executors.newVirtualThreadPerTaskExecutor()) {
            ask(stream, "www.example.com");
            assertThat(read(stream).getRcode()).isEqualTo(Rcode.NOERROR);
            Future<String> datagram =
                    background.submit(() ->
                            sandbox.run("dig", "slow.crooked.example.com", "+tries=1", "+time=5")
                                    .output());
            ask(stream, "slow.stream.crooked.example.com");
            Gate.await(
                    "both are under way",
                    () ->
                            gate.world().upstreamSaw("slow.crooked.example.com")
                                    && gate.world().upstreamSaw("slow.stream.crooked.example.com"));

            gate.takeOver();

            assertThat(datagram.get()).contains("status: NOERROR").contains("93.184.216.250");
            Message answer = read(stream);
            assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
            assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
            assertThat(stream.getInputStream().read()).as("the end").isEqualTo(-1);
            assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.250/").output())
                    .startsWith("internet for ");
        }
    }

    @Test
    @Order(3)
    void processThatDoesNotGetReadyLeavesAllToTheOldOne() throws Exception {
        try (var background = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Result> attempt =
                    background.submit(() ->
                            gate.program(
                                    "node",
                                    "--take-over",
                                    "--upstream",
                                    World.UPSTREAM4,
                                    "--node-listen",
                                    "192.0.2.1:1"));
            do {
                assertThat(gate.client().get("/v1/sessions").path("sessions"))
                        .as("whoever calls meanwhile is heard")
                        .hasSize(1);
                Thread.sleep(20); // each has a connection of its own
            } while (!attempt.isDone());
            assertThat(attempt.get().exit()).isEqualTo(1);
            assertThat(attempt.get().output()).contains("192.0.2.1");
        }

        String session = gate.start(gate.world().sandbox("sb2"), "acme");

        assertThat(gate.client().get("/v1/sessions").path("sessions")).hasSize(2);
        gate.end(session);
        Gate.await("it is ready", gate::ready);
        assertThat(sandbox.run("dig", "www.example.com", "+tries=1").output())
                .contains("status: NOERROR");
    }

    @Test
    @Order(4)
    void secondNodeIsRefusedWithAWayOut() {
        assertThat(gate.program("node", "--upstream", World.UPSTREAM4).output())
                .contains("another node runs with the data directory")
                .contains("--take-over");
    }

    @Test
    @Order(5)
    void otherInstallationDoesNotGetThePort(@TempDir Path other) {
        var result =
                gate.world()
                        .host()
                        .run(
                                World.sallyport(
                                                "node",
                                                "--data",
                                                other.toString(),
                                                "--node-listen",
                                                "127.0.0.1:9154",
                                                "--upstream",
                                                World.UPSTREAM4)
                                        .toArray(String[]::new));

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output()).contains("cannot listen on 169.254.53.53 port 53 (UDP)");
    }

    /**
     * As a DaemonSet does it: the old pod's container is started again until the pod is deleted.
     */
    @Test
    @Order(6)
    void processThatWasReplacedAndIsStartedAgainStandsBy(@TempDir Path pods) throws Exception {
        String old = "--take-over-once=" + pods.resolve("old");
        String next = "--take-over-once=" + pods.resolve("next");
        gate.takeOverAs(old);
        assertThat(pods.resolve("old")).exists();
        gate.takeOverAs(next);

        Process again = gate.standBy(old);
        assertThat(sandbox.run("dig", "www.example.com", "+tries=1").output())
                .contains("status: NOERROR");
        int said = gate.log().size();
        gate.kill();
        gate.isNow(again);
        Gate.await("the old one answers again", () -> saidSince(said, "sallyport: ready"));

        assertThat(sandbox.run("dig", "www.example.com", "+tries=1").output())
                .contains("status: NOERROR");
    }

    @Test
    @Order(7)
    void killedNodeIsReplacedByTheOneThatStandsBy() throws Exception {
        assertThat(sandbox.run("dig", "www.example.com", "+tries=1").exit()).isZero();
        int before = gate.log().size();
        Process next = gate.standBy();
        Gate.await("it holds the sockets", () -> saidSince(before, "holds sockets="));
        int said = gate.log().size();
        try (Load load = Load.start(sandbox, RESOLVER, A_SECOND, 600, NAMES)) {
            Thread.sleep(1000);
            gate.world().forget();

            long killed = System.nanoTime();
            gate.kill();
            gate.isNow(next);
            Gate.await("another one is ready", () -> saidSince(said, "sallyport: ready"));
            long ready = System.nanoTime();

            assertThat(sandbox.run("dig", "www.example.com", "+tries=1").output())
                    .contains("status: NOERROR");
            Figures figures = load.stop();
            System.out.println(
                    "killed: ready-after-ms="
                            + TimeUnit.NANOSECONDS.toMillis(ready - killed)
                            + " sent="
                            + figures.sent()
                            + " lost="
                            + figures.lost());
            assertThat(figures.completed()).isGreaterThan(figures.sent() / 2);
        }
        assertThat(gate.client().get("/v1/sessions").path("sessions")).hasSize(1);
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://www.example.com/").output())
                .startsWith("internet for ");
        assertThat(sandbox.run("curl", "-sS", "-m", "2", "http://" + World.PUBLIC4 + "/").exit())
                .isEqualTo(7);
    }

    /** A start that takes longer than a handover waits is not to go on beside the next node. */
    @Test
    @Order(8)
    void handoverThatIsRefusedLeavesAllToTheOldOne() throws Exception {
        var late = Gate.place(gate.world().sandbox("sb3")).put("org", "acme").put("id", "late");
        gate.sabotage().holdTools();
        try (var background = Executors.newVirtualThreadPerTaskExecutor()) {
            var _ = background.submit(() -> gate.client().post("/v1/sessions", late));
            Gate.await("a start is under way", gate.sabotage()::hasHeldTool);
            int said = gate.log().size();

            assertThatThrownBy(gate::takeOver).hasMessageContaining("the node ended");

            Gate.await("it says why", () -> saidSince(said, "does not hand over: no: calls of"));
            assertThat(gate.client().get("/v1/sessions").path("sessions")).isNotNull();
            gate.sabotage().letToolsGo();
        }
        gate.client().post("/v1/sessions", late);
        gate.takeOver();
        assertThat(gate.sessions()).contains("late");
    }

    /** A stub resolver that was refused waits for its timer before it asks again. */
    @Test
    @Order(9)
    void sandboxThatGetsASessionOrLosesItIsNeverAStranger() throws Exception {
        Sandbox warm = gate.world().sandbox("sb4");
        gate.client().post("/v1/networks", Gate.place(warm).put("id", "warm"));
        try (Load load = Load.start(warm, RESOLVER, A_SECOND, 600, NAMES)) {
            for (int i = 0; i < 5; i++) {
                gate.end(gate.start(warm, "acme"));
            }
            Figures figures = load.stop();

            assertThat(figures.all()).contains("NXDOMAIN").doesNotContain("REFUSED");
        }
    }

    private static boolean saidSince(int line, String text) {
        return gate.log().stream().skip(line).anyMatch(each -> each.contains(text));
    }

    private static Socket connect() {
        return gate.world()
                .inside(
                        sandbox.netns(),
                        () -> {
                            Socket socket = new Socket();
                            socket.connect(new InetSocketAddress(RESOLVER, 53), 3000);
                            socket.setSoTimeout(6000);
                            return socket;
                        });
    }

    private static void ask(Socket stream, String name) throws IOException {
        byte[] query =
                Message.newQuery(Record.newRecord(Name.fromString(name + "."), Type.A, DClass.IN))
                        .toWire();
        byte[] framed = new byte[query.length + 2];
        framed[0] = (byte) (query.length >> 8);
        framed[1] = (byte) query.length;
        System.arraycopy(query, 0, framed, 2, query.length);
        OutputStream out = stream.getOutputStream();
        out.write(framed);
        out.flush();
    }

    private static Message read(Socket stream) throws IOException {
        DataInputStream in = new DataInputStream(stream.getInputStream());
        return new Message(in.readNBytes(in.readUnsignedShort()));
    }
}
