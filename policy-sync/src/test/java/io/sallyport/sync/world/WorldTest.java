package io.sallyport.sync.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The world is open without a firewall, or no test in it could fail. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "python3"})
class WorldTest {
    private static World world;
    private static Sandbox sandbox;

    @BeforeAll
    static void start() {
        world = World.start();
        sandbox = world.sandbox("sb0").nameservers(World.UPSTREAM4);
    }

    @AfterAll
    static void close() {
        world.close();
    }

    @BeforeEach
    void forget() {
        world.settle();
    }

    @ParameterizedTest
    @CsvSource({
        "http://www.example.com/, internet",
        "http://api.example.com:443/, internet",
        "http://cdn.example.com:8080/, internet",
        "http://93.184.216.200/, internet",
        "http://[2600:1f18:1::200]:5432/, internet",
        "http://192.168.1.1/, internet",
        "http://169.254.169.254/, metadata",
        "http://[fd00:ec2::254]/, metadata",
        "http://10.201.1.1:8000/, host",
        "http://[fd5a:11:1::1]:8000/, host",
    })
    void sandboxReachesEverything(String url, String place) {
        assertThat(sandbox.run("curl", "-sS", "-m", "3", url).ok().output())
                .startsWith(place + " for ");
    }

    @ParameterizedTest
    @CsvSource({
        "198.41.0.4,         www.example.com,      A,    93.184.216.35",
        "2001:503:ba3e::2:30, www.example.com,     AAAA, 2600:1f18:1::35",
        "198.41.0.4,         deep.wild.example.com, A,   93.184.216.40",
        "198.41.0.4,         cdn.example.com,      A,    151.101.1.6",
        "198.41.0.4,         link1.chain.example.com, A, 93.184.216.43",
        "198.41.0.4,         mapped.rebind.example.com, AAAA, ::ffff:10.0.0.5",
        "198.41.0.4,         metadata.rebind.example.com, A, 169.254.169.254",
        "198.41.0.4,         denied.test,          A,    93.184.217.4",
        "198.41.0.4,         www.example.com,      HTTPS, ipv4hint=93.184.216.99",
        "8.8.8.8,            never-heard.example,  A,    93.184.216.250",
        "2001:4860:4860::8888, never-heard.example, AAAA, 2600:1f18:1::250",
        "198.41.0.5,         foreign.crooked.example.com, A, victim.example.net.",
        "198.41.0.5,         truncated.crooked.example.com, A, 93.184.216.250",
        "198.41.0.5,         lame.crooked.example.com, A, REFUSED",
        "2001:503:ba3e::2:31, good.crooked.example.com, A, 93.184.216.250",
    })
    void nameServersAnswer(String server, String name, String type, String expected) {
        assertThat(
                        sandbox.run("dig", "@" + server, name, type, "+time=2", "+tries=1")
                                .ok()
                                .output())
                .contains(expected);
        assertThat(
                        sandbox.run("dig", "@" + server, name, type, "+tcp", "+time=2", "+tries=1")
                                .ok()
                                .output())
                .contains(expected);
    }

    @Test
    void bigAnswerIsTruncatedInADatagramAndWholeInAStream() {
        assertThat(
                        sandbox.run(
                                        "dig",
                                        "@" + World.UPSTREAM4,
                                        "big.example.com",
                                        "+noedns",
                                        "+ignore")
                                .output())
                .contains("flags: qr aa tc");
        assertThat(
                        sandbox.run("dig", "@" + World.UPSTREAM4, "big.example.com", "+short")
                                .output()
                                .lines())
                .hasSize(60);
    }

    @Test
    void datagramsAreEchoed() {
        for (String address : new String[] {World.PUBLIC4, World.PUBLIC6}) {
            assertThat(
                            sandbox.run(
                                            "python3",
                                            "-c",
                                            """
                                            import socket, sys
                                            a = sys.argv[1]
                                            s = socket.socket(socket.AF_INET6 if ':' in a else socket.AF_INET, socket.SOCK_DGRAM)
                                            s.settimeout(2); s.connect((a, 4433)); s.send(b'hello'); print(s.recv(9))
                                            """,
                                            address)
                                    .ok()
                                    .output())
                    .contains("hello");
        }
    }

    @Test
    void seesWhatArrives() {
        sandbox.run("dig", "@" + World.UPSTREAM4, "Seen.Example.com", "+tries=1").ok();
        sandbox.run("dig", "@8.8.8.8", "stream.example.com", "+tcp", "+tries=1").ok();
        sandbox.run("curl", "-s", "-m", "3", "http://" + World.PUBLIC4).ok();
        assertThat(world.upstreamSaw("seen.example.com")).isTrue();
        assertThat(world.upstreamSaw("stream.example.com.")).isTrue();
        assertThat(world.upstreamSaw("example.com")).isFalse();
        assertThat(world.questions()).containsExactly("seen.example.com", "stream.example.com");
        assertThat(world.escaped())
                .anySatisfy(packet -> {
                    assertThat(packet.source().getHostAddress()).isEqualTo(sandbox.address4());
                    assertThat(packet.destination().getHostAddress()).isEqualTo(World.PUBLIC4);
                    assertThat(packet.destinationPort()).isEqualTo(80);
                });
        world.forget();
        assertThat(world.arrived()).isEmpty();
    }

    @Test
    void hostsOwnQueriesAreNotAnEscape() {
        world.host().run("dig", "@" + World.UPSTREAM6, "own.example.com", "+tries=1").ok();
        assertThat(world.questions()).containsExactly("own.example.com");
        assertThat(world.escaped()).isEmpty();
    }

    @Test
    void upstreamsCanBeStoppedAndSilenced() {
        world.stopUpstream();
        assertThat(dig().output()).contains("connection refused");
        world.startUpstream();
        dig().ok();
        world.silenceUpstreams(true);
        assertThat(dig().output()).contains("timed out");
        world.silenceUpstreams(false);
        dig().ok();
    }

    @Test
    void closedWorldLeavesNoNamespace() {
        List<String> names;
        try (World second = World.start()) {
            second.sandbox("sb0");
            names = List.of(second.host().name(), second.internet().name());
            assertThat(namespaces()).containsAll(names);
        }
        assertThat(namespaces()).doesNotContainAnyElementsOf(names);
    }

    /** Other tests of this machine make and take away theirs meanwhile. */
    private static List<String> namespaces() {
        return Netns.host("ip", "netns")
                .ok()
                .output()
                .lines()
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }

    private static Netns.Result dig() {
        return sandbox.run(
                "dig", "@" + World.UPSTREAM4, "www.example.com", "+tries=1", "+time=1", "+short");
    }
}
