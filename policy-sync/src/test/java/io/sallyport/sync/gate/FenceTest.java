package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;

/**
 * What an ended session left behind never serves the next one on the same network, or the next
 * tenant of its address: both orgs may ask for the same names here, so that nothing but the fence
 * keeps them apart.
 */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class FenceTest {
    private static final String WWW = "93.184.216.35";
    private static final String SLOW = "93.184.216.250";
    private static final String BANNER = "SSH-2.0-pretend\r\n";
    private static final int RESOLVER_PORT = 53;
    private static final int SECURE_SHELL = 22;

    private static Gate gate;
    private static int sandboxes;

    @BeforeAll
    static void open() {
        World world = World.start();
        gate =
                Gate.in(
                        world,
                        List.of(
                                "--upstream",
                                World.UPSTREAM4,
                                "--forward",
                                ".crooked.example.com=" + World.CROOKED4));
        for (String org : List.of("acme", "rival")) {
            gate.admin("org", "create", org);
            gate.admin("org", "set", org, "--level", "none");
            gate.admin("org", "allow", org, ".example.com");
        }
        gate.admin("org", "allow", "acme", "denied.example.org");
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    private static Sandbox fresh(boolean kept) throws Exception {
        Sandbox sandbox = gate.world().sandbox("sb" + sandboxes++);
        if (kept) {
            gate.client().post("/v1/networks", Gate.place(sandbox));
        }
        return sandbox;
    }

    @Test
    void answerInFlightAtASlowUpstreamOpensNothingForTheNextSession() throws Exception {
        for (boolean kept : new boolean[] {true, false}) {
            Sandbox sandbox = fresh(kept);
            String name = "slow.k" + kept + ".crooked.example.com";
            String old = gate.start(sandbox, "acme");
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Result> answer =
                        threads.submit(() -> sandbox.run("dig", name, "+tries=1", "+time=5"));
                Gate.await("it is asked", () -> gate.world().upstreamSaw(name));
                gate.end(old);
                gate.start(sandbox, "rival");

                assertThat(answer.get().output()).doesNotContain(SLOW);
            }
            assertThat(connects(sandbox, SLOW)).as("what the old session asked for").isFalse();
            assertThat(dig(sandbox, name)).contains(SLOW);
            assertThat(connects(sandbox, SLOW)).as("asked for again").isTrue();
        }
    }

    @Test
    void keptTcpConnectionToTheResolverIsJudgedByTheSessionThatRunsNow() throws Exception {
        Sandbox sandbox = fresh(true);
        String old = gate.start(sandbox, "acme");
        try (Socket connection = connect(sandbox, "169.254.53.53", RESOLVER_PORT)) {
            assertThat(ask(connection, "denied.example.org.").getRcode()).isEqualTo(Rcode.NOERROR);
            send(connection, "slow.tcp.crooked.example.com.");
            Gate.await(
                    "it is asked", () -> gate.world().upstreamSaw("slow.tcp.crooked.example.com"));
            gate.end(old);
            gate.start(sandbox, "rival");

            assertThat(receive(connection).getSection(Section.ANSWER))
                    .as("asked by the old session")
                    .isEmpty();
            assertThat(ask(connection, "denied.example.org.").getRcode()).isEqualTo(Rcode.NXDOMAIN);
            assertThat(ask(connection, "www.example.com.").getRcode()).isEqualTo(Rcode.NOERROR);
        }
    }

    @Test
    void flowOfTheOldSessionIsDeadThoughTheNewOneMayReachTheSameAddress() throws Exception {
        for (boolean kept : new boolean[] {true, false}) {
            Sandbox sandbox = fresh(kept);
            String old = gate.start(sandbox, "acme");
            dig(sandbox, "www.example.com");
            try (Socket flow = connect(sandbox, WWW, SECURE_SHELL)) {
                assertThat(echoes(flow)).isTrue();
                gate.end(old);
                gate.start(sandbox, "rival");
                assertThat(connects(sandbox, WWW)).as("a pin of the old session").isFalse();
                dig(sandbox, "www.example.com");
                assertThat(connects(sandbox, WWW)).as("its own pin").isTrue();
                assertThat(echoes(flow)).as("the old flow").isFalse();
            }
        }
    }

    @Test
    void nextTenantOfAnAddressSeesNothingOfTheOneBefore() throws Exception {
        Sandbox sandbox = fresh(false);
        String old = gate.start(sandbox, "acme");
        dig(sandbox, "www.example.com");
        dig(sandbox, "secret-of-acme.example.net");
        assertThat(sandbox.run("dig", "-x", WWW, "+short").output()).contains("www.example.com");
        gate.end(old);
        String next = gate.start(sandbox, "rival");

        JsonNode shown = gate.client().get("/v1/sessions/" + next);
        assertThat(shown.path("denied-names")).as("names").isEmpty();
        assertThat(shown.path("denied-addresses")).as("addresses").isEmpty();
        assertThat(sandbox.run("dig", "-x", WWW, "+short").output())
                .as("the name that led there")
                .doesNotContain("example");
        assertThat(connects(sandbox, WWW)).isFalse();
        assertThat(dig(sandbox, "denied.example.org")).contains("status: NXDOMAIN", "rival");
        assertThat(dig(sandbox, "other.example.net")).doesNotContain("acme");
        assertThat(page(sandbox)).contains("org rival").doesNotContain("acme");
        assertThat(gate.client().get("/v1/sessions/" + next).path("denied-names").toString())
                .contains("denied.example.org")
                .doesNotContain("secret-of-acme");
    }

    @Test
    void twoTenantsUseNeitherPinsNorNamesNorAddressesOfEachOther() throws Exception {
        Sandbox one = fresh(false);
        Sandbox other = fresh(false);
        gate.start(one, "acme");
        gate.start(other, "rival");
        dig(one, "www.example.com");
        dig(one, "denied.example.org");

        assertThat(connects(one, WWW)).isTrue();
        assertThat(connects(other, WWW)).as("a pin of the other").isFalse();
        assertThat(dig(other, "denied.example.org")).contains("status: NXDOMAIN");
        gate.world().forget();
        other.run("ip", "address", "add", one.address4() + "/32", "dev", "eth0");
        assertThat(
                        other.run(
                                        "curl",
                                        "-sS",
                                        "-m",
                                        "2",
                                        "--interface",
                                        one.address4(),
                                        "http://" + WWW + "/")
                                .exit())
                .as("with the other's address")
                .isNotZero();
        assertThat(
                        other.run(
                                        "dig",
                                        "-b",
                                        one.address4(),
                                        "denied.example.org",
                                        "+tries=1",
                                        "+time=1")
                                .output())
                .doesNotContain("status:");
        assertThat(gate.world().escaped()).isEmpty();
    }

    private static String page(Sandbox sandbox) {
        return sandbox.run(
                        "curl",
                        "-sS",
                        "-m",
                        "5",
                        "http://169.254.53.53/explain?name=denied.example.org")
                .output();
    }

    private static String dig(Sandbox sandbox, String name) {
        return sandbox.run("dig", name, "+tries=1", "+time=5").output();
    }

    private static boolean connects(Sandbox sandbox, String address) {
        return sandbox.run("curl", "-sS", "-m", "3", "http://" + address + "/").exit() == 0;
    }

    private static Socket connect(Sandbox sandbox, String address, int port) {
        return gate.world()
                .inside(
                        sandbox.netns(),
                        () -> {
                            Socket socket = new Socket();
                            socket.connect(new InetSocketAddress(address, port), 3000);
                            socket.setSoTimeout(5000);
                            return socket;
                        });
    }

    private static boolean echoes(Socket flow) {
        try {
            flow.setSoTimeout(2000);
            flow.getOutputStream().write("anyone?".getBytes(StandardCharsets.US_ASCII));
            String read = "";
            while (!read.endsWith("anyone?") && read.length() < BANNER.length() + 7) {
                int octet = flow.getInputStream().read();
                if (octet < 0) {
                    return false;
                }
                read += (char) octet;
            }
            return read.endsWith("anyone?");
        } catch (IOException e) {
            return false;
        }
    }

    private static Message ask(Socket connection, String name) throws IOException {
        send(connection, name);
        return receive(connection);
    }

    private static void send(Socket connection, String name) throws IOException {
        byte[] query =
                Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN))
                        .toWire();
        byte[] framed = new byte[query.length + 2];
        framed[0] = (byte) (query.length >> 8);
        framed[1] = (byte) query.length;
        System.arraycopy(query, 0, framed, 2, query.length);
        connection.getOutputStream().write(framed);
    }

    private static Message receive(Socket connection) throws IOException {
        DataInputStream in = new DataInputStream(connection.getInputStream());
        return new Message(in.readNBytes(in.readUnsignedShort()));
    }
}
