package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sandbox can reach without having resolved it: nothing. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "python3", "ping"})
class AddressesTest {
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private static Gate gate;
    private static Sandbox sandbox;
    private static Sandbox neighbour;

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
        neighbour = gate.sandbox("sb1", "acme");
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
        "93.184.216.200, 80", "93.184.216.200, 443", "93.184.216.200, 22", "93.184.216.200, 8080",
                "93.184.216.200, 853",
        "2600:1f18:1::200, 80", "2600:1f18:1::200, 443", "2600:1f18:1::200, 853", "8.8.8.8, 443",
                "8.8.8.8, 853",
        "169.254.169.254, 80", "fd00:ec2::254, 80", "10.201.1.1, 8000", "fd5a:11:1::1, 8000",
                "185.199.0.2, 8000",
        "169.254.53.53, 8000", "169.254.53.53, 1053", "169.254.53.53, 9153", "10.201.2.2, 80",
                "fd5a:11:2::2, 80",
        "198.41.0.4, 80", "192.168.1.1, 80", "127.0.0.1, 8000",
    })
    void addressThatWasNeverAnsweredIsRefusedAtOnce(String address, int port) {
        Duration least = refusal(address, port);
        for (int i = 0; i < 2 && least.compareTo(AT_ONCE) >= 0; i++) {
            least = refusal(address, port); // the machine may have stood still
        }
        assertThat(least).isLessThan(AT_ONCE);
        assertThat(gate.world().escaped()).isEmpty();
    }

    private static Duration refusal(String address, int port) {
        return gate.world()
                .inside(
                        sandbox.netns(),
                        () -> {
                            InetSocketAddress there = new InetSocketAddress(address, port);
                            long start = System.nanoTime();
                            try (Socket socket = new Socket()) {
                                socket.connect(there, 3000);
                                throw new AssertionError("connected to " + there);
                            } catch (IOException _) {
                                return Duration.ofNanos(System.nanoTime() - start);
                            }
                        });
    }

    @Test
    void nothingButTheAnsweredPortsOfAnAnsweredAddressIsOpen() {
        sandbox.run("dig", "+short", "www.example.com").ok();
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.35/").output())
                .startsWith("internet for ");
        gate.world().settle();

        for (int port : List.of(8080, 25, 53_000, 853, 5432)) {
            Result refused =
                    sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.35:" + port + "/");
            assertThat(refused.exit()).as("port %d", port).isEqualTo(7);
        }
        assertThat(sandbox.run("ping", "-c", "1", "-W", "1", "93.184.216.35").exit()).isNotZero();
        assertThat(gate.world().escaped()).isEmpty();
    }

    @Test
    void whatOneSandboxResolvedIsClosedToItsNeighbour() {
        sandbox.run("dig", "+short", "api.example.com").ok();

        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://93.184.216.36/").exit()).isZero();
        assertThat(neighbour.run("curl", "-sS", "-m", "3", "http://93.184.216.36/").exit())
                .isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('93.184.216.200', 4433))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('93.184.216.200', 443))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('93.184.216.200', 853))",
                "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.sendto(b'x', ('2600:1f18:1::200', 443))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); s.sendto(b'\\x08\\x00\\xf7\\xff\\x00\\x00\\x00\\x00', ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58); s.sendto(b'\\x80\\x00\\x00\\x00\\x00\\x00\\x00\\x00', ('2600:1f18:1::200', 0))",
                "s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58); s.setsockopt(41, 16, 255); s.sendto(b'\\x87\\x00\\x00\\x00' + bytes(20), ('2600:1f18:1::200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132); s.sendto(bytes(32), ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47); s.sendto(bytes(32), ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4); s.sendto(bytes(40), ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255); s.setsockopt(0, 3, 1); s.sendto(bytes.fromhex('45000028000100004006000001020304') + bytes([93,184,216,200]) + bytes(20), ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255); s.setsockopt(0, 3, 1); s.sendto(bytes.fromhex('450000280001000040060000') + bytes([10,201,2,2,93,184,216,200]) + bytes(20), ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255); s.setsockopt(0, 3, 1); s.sendto(bytes.fromhex('4500001c000120ff40110000') + bytes([10,201,1,2,93,184,216,200]) + bytes(8), ('93.184.216.200', 0))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(0, 4, bytes([131,7,4,93,184,216,200,0])); s.sendto(b'x', ('93.184.216.35', 443))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); s.sendto(b'x', ('255.255.255.255', 67))",
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('224.0.0.251', 5353))",
            })
    void noPacketOfAnyKindArrives(String attempt) {
        Result sent =
                sandbox.run(
                        "python3",
                        "-c",
                        "import socket\ntry:\n    "
                                + attempt.replace("; ", "\n    ")
                                + "\nexcept PermissionError as e: print(e)\nexcept OSError as e: print(e)");

        assertThat(sent.exit()).as(sent.output()).isZero();
        assertThat(gate.world().escaped()).isEmpty();
    }

    /** The machine has one table of neighbours, with 1,024 places, for all its networks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "b'\\xff' * 6, mac + bytes.fromhex('08060001080006040001') + mac + bytes([11]) + os.urandom(3) + bytes(6) + bytes([10,201,1,1])",
                "host, mac + b'\\x86\\xdd' + advert(b'\\xfe\\x80' + bytes(6) + os.urandom(8))",
            })
    void forgedNeighboursDoNotFillTheHostsTable(String frame) {
        Result sent =
                sandbox.run(
                        "python3",
                        "-c",
                        """
                        import os, socket, struct, sys, time
                        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                        s.bind(("eth0", 0))
                        mac = s.getsockname()[4]
                        host = bytes.fromhex(sys.argv[1].replace(":", ""))
                        gateway = socket.inet_pton(10, "fd5a:11:1::1")
                        def advert(source):
                            body = b"\\x87\\0\\0\\0" + bytes(4) + gateway + b"\\1\\1" + mac
                            whole = source + gateway + struct.pack(">II", 32, 58) + body
                            total = sum(struct.unpack(">36H", whole))
                            total = (total & 65535) + (total >> 16)
                            check = ~((total & 65535) + (total >> 16)) & 65535
                            return struct.pack(">IHBB", 6 << 28, 32, 58, 255) + source + gateway + body[:2] + struct.pack(">H", check) + body[4:]
                        for _ in range(200):
                            for _ in range(10): s.send(b"".join((%s)))
                            time.sleep(0.01)
                        """
                                .formatted(frame),
                        gate.world()
                                .host()
                                .run(
                                        "sh",
                                        "-c",
                                        "ip -o link show dev "
                                                + sandbox.interfaceName()
                                                + " | sed 's:.*link/ether \\([^ ]*\\).*:\\1:'")
                                .output()
                                .strip());
        assertThat(sent.exit()).as(sent.output()).isZero();

        assertThat(
                        gate.world()
                                .host()
                                .run("ip", "neighbour", "show", "dev", sandbox.interfaceName())
                                .output()
                                .lines())
                .hasSizeLessThan(100);
    }

    @Test
    void queriesToOtherServersNeverReachThem() {
        for (String transport : new String[] {"+notcp", "+tcp"}) {
            for (String server : new String[] {"8.8.8.8", "2001:4860:4860::8888", World.PUBLIC4}) {
                Result answer =
                        sandbox.run(
                                "dig",
                                "@" + server,
                                "never-heard.example.net",
                                transport,
                                "+tries=1",
                                "+time=2");
                assertThat(answer.output()).contains("status: NXDOMAIN");
            }
        }
        assertThat(gate.world().arrived()).isEmpty();
    }

    @Test
    void probeInsideFindsNoWayOut() {
        Result scoreboard =
                sandbox.runSallyport(
                        "probe",
                        "--allowed",
                        "www.example.com",
                        "--denied",
                        "denied.example.org",
                        "--target-address",
                        World.PUBLIC4,
                        "--target-address",
                        World.PUBLIC6,
                        "--rebinding",
                        "private.rebind.example.com,private6.rebind.example.com,metadata.rebind.example.com,"
                                + "mapped.rebind.example.com,sixtofour.rebind.example.com,nat64.rebind.example.com",
                        "--foreign",
                        "foreign.crooked.example.com",
                        "--wildcard",
                        "wild.example.com");

        assertThat(scoreboard.exit()).as(scoreboard.output()).isZero();
        assertThat(scoreboard.output())
                .doesNotContain("OPEN")
                .containsPattern("blocked +dns-rebinding ")
                .containsPattern("blocked +dns-foreign-records ")
                .containsPattern("blocked +dns-tunnel-allowed ")
                .containsPattern("blocked +own-rules ");
    }
}
