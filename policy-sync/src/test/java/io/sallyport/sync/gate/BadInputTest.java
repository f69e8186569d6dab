package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is typed wrongly is told in a sentence that names the field and the fix, and nothing is
 * half applied.
 */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class BadInputTest {
    private static Gate gate;
    private static Sandbox sandbox;

    @BeforeAll
    static void open() {
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "allow", "acme", ".example.com");
        gate.admin("agent", "set", "--org", "acme", "--code-execution", "off", "idle");
        sandbox = gate.sandbox("sb0", "acme");
        gate.world().sandbox("sb1");
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --org nobody --interface sb1 --address 10.201.2.2            | 2 | nobody
                    --org acme --interface nosuch0 --address 10.201.2.2          | 2 | no interface "nosuch0"
                    --org acme --interface uplink --address 10.201.2.2           | 2 | default route
                    --org acme --interface sb1 --address 10.201.2                | 2 | is not an IP address
                    --org acme --interface sb1 --address 10.201.2.2/99           | 2 | prefix length
                    --org acme --interface sb1 --address 10.201.2.2/24           | 2 | did you mean 10.201.2.0/24
                    --org acme --interface sb1 --address example.com             | 2 | is not an IP address
                    --org acme --interface sb1 --address 10.201.1.2              | 1 | belongs to network
                    --org acme --interface sb1 --address 10.201.2.2 --address 10.201.2.2 | 2 | is named twice
                    --org acme --interface sb0 --address 10.201.1.2 --address fd5a:11:1::2 | 1 | belongs to network
                    --org acme --agent idle --interface sb1 --address 10.201.2.2 | 2 | code execution
                    --org acme --interface lo --address 10.201.2.2               | 2 | "lo" cannot be a sandbox's
                    --org acme --interface sb1 --address 0.0.0.0/0               | 2 | 0.0.0.0/0 cannot be a sandbox's
                    --org acme --interface sb1 --address 127.0.0.1               | 2 | 127.0.0.1/32 cannot be a sandbox's
                    --org acme --interface sb1 --address 224.0.0.1               | 2 | 224.0.0.1/32 cannot be a sandbox's
                    --org acme --interface sb1 --address ::1                     | 2 | ::1/128 cannot be a sandbox's
                    --org acme --interface sb1 --address 169.254.53.53           | 2 | the resolver's own address
                    --org acme --interface sb1 --address fd00::/16               | 2 | the resolver's own address
                    --org acme --interface sb1                                   | 2 | --address
                    --interface sb1 --address 10.201.2.2                         | 2 | --org
                    """)
    void sessionThatCannotBeIsRefused(String options, int exit, String sentence) {
        String rules = rules();

        Result start = program("session start " + options);

        assertThat(start.exit()).as(start.output()).isEqualTo(exit);
        assertThat(start.output()).contains(sentence).doesNotContain("Exception", "\tat ");
        assertThat(rules()).isEqualTo(rules);
        assertThat(sandbox.run("dig", "+short", "www.example.com", "+tries=1").output())
                .contains("93.184.216.35");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    session end s-nosuch        | 0 | s-nosuch is not there
                    session heartbeat s-nosuch  | 1 | s-nosuch has ended
                    session show s-nosuch       | 1 | no session s-nosuch
                    session show ../networks    | 1 | no session
                    rules s-nosuch              | 1 | no session s-nosuch
                    network detach n-nosuch     | 0 | network n-nosuch detached
                    session end ../networks     | 1 | cannot be a session
                    org show nobody             | 1 | nobody
                    org allow acme http://example.com/x | 2 | example.com
                    org allow acme *.com        | 2 | *.com
                    org allow acme 10.0.0.1     | 2 | 10.0.0.1
                    org allow acme a..b         | 2 | a..b
                    org set acme --level most   | 2 | level
                    nonsense                    | 2 | nonsense
                    session --help              | 0 | Usage: sallyport session
                    network --help              | 0 | Usage: sallyport network
                    node --version              | 0 | sallyport
                    node --config /no/such.yaml | 1 | there is no file /no/such.yaml
                    """)
    void commandThatMakesNoSenseSaysWhy(String command, int exit, String sentence) {
        Result result = program(command);

        assertThat(result.exit()).as(result.output()).isEqualTo(exit);
        assertThat(result.output()).contains(sentence).doesNotContain("Exception", "\tat ");
    }

    @Test
    void listWithOneBadDomainAddsNoneOfThem() {
        Result result = program("org allow acme good.example.net,b*d.example.net");

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.output())
                .contains("b*d.example.net")
                .doesNotContain("Exception", "\tat ");
        assertThat(program("org show acme").ok().output()).doesNotContain("good.example.net");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/nothing",
                "/v1/sessions/..%2f..%2fetc",
                "/v1/sessions/%00",
                "/v1/rules/%0d%0a"
            })
    void pathThatIsNotThereIsAProblem(String path) {
        Result answer =
                gate.world()
                        .host()
                        .run(
                                "curl",
                                "-sS",
                                "--path-as-is",
                                "--unix-socket",
                                gate.data().resolve("node.sock").toString(),
                                "-w",
                                "\n%{http_code} %{content_type}",
                                "http://node" + path);

        assertThat(answer.output()).contains("\n404 application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "\"text\"",
                "{\"org\":\"acme\"}",
                "{\"org\":7,\"interface\":\"sb1\",\"addresses\":[]}",
                "{\"org\":\"acme\",\"interface\":\"sb1\",\"addresses\":\"10.201.2.2\"}",
                "{\"org\":\"acme\",\"interface\":\"sb1\",\"addresses\":[{}]}",
                "{\"org\":\"acme\",\"interface\":\"sb1\",\"addresses\":[\"10.201.2.2\"],\"extra\":1}",
                "{\"org\":\"acme\",\"interface\":\"sb1; rm -rf /\",\"addresses\":[\"10.201.2.2\"]}",
                "{\"org\":\"acme\",\"interface\":\"lo\",\"addresses\":[\"10.201.2.2\"]}",
                "{\"org\":\"acme\",\"interface\":\"sb1\",\"addresses\":[\"169.254.53.53\"]}",
                "{\"org\":\"../acme\",\"interface\":\"sb1\",\"addresses\":[\"10.201.2.2\"]}",
                "{\"org\":\"acme\",\"org\":\"acme\",\"interface\":\"sb1\",\"addresses\":[\"10.201.2.2\"]}",
            })
    void requestThatMakesNoSenseIsAProblem(String body) {
        Result answer =
                gate.world()
                        .host()
                        .run(
                                "curl",
                                "-sS",
                                "--unix-socket",
                                gate.data().resolve("node.sock").toString(),
                                "-w",
                                "\n%{http_code} %{content_type}",
                                "-d",
                                body,
                                "http://node/v1/sessions");

        assertThat(answer.output())
                .containsPattern("\n4\\d\\d application/problem\\+json")
                .contains("\"detail\"");
        assertThat(answer.output()).doesNotContain("Exception");
    }

    @ParameterizedTest
    @CsvSource({"GET, /v1/nonsense", "PUT, /v1/sessions", "GET, /v1/rules/"})
    void pathThatDoesNotExistIsNotOurFault(String method, String path) {
        Result answer =
                gate.world()
                        .host()
                        .run(
                                "curl",
                                "-sS",
                                "--unix-socket",
                                gate.data().resolve("node.sock").toString(),
                                "-w",
                                "\n%{http_code} %{content_type}",
                                "-X",
                                method,
                                "http://node" + path);

        assertThat(answer.output()).contains("404 application/problem+json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nonsense-key: 1               | nonsense-key
                    upstreams: [example.com]      | is not an IP address
                    upstreams: ["tls://192.0.2.53"] | needs the server's name
                    forward: [".corp.example"]    | should be a domain and its servers
                    forward: [".corp.example=169.254.53.53"] | this resolver itself
                    forward: [".corp.example=[fd00:53::53]:1053"] | this resolver itself
                    node-listen: 127.0.0.1        | needs a port
                    node-listen: 127.0.0.1:70000  | not a port
                    dns-address: fd00::1          | IPv4
                    sandbox-interfaces: ["a b"]   | interface
                    cache-mib: many               | cache-mib
                    threads: -1                   | threads
                    serve-stale: perhaps          | serve-stale
                    dnssec: on                    | dnssec
                    trust-anchor: /nowhere        | dnssec: validate
                    {{{                           | node.yaml
                    """)
    void configurationThatMakesNoSenseStartsNothing(
            String yaml, String sentence, @TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("node.yaml"), yaml);

        Result node =
                gate.world()
                        .host()
                        .run(
                                World.sallyport(
                                                "node",
                                                "--config",
                                                file.toString(),
                                                "--data",
                                                directory.resolve("data").toString(),
                                                "--upstream",
                                                World.UPSTREAM4)
                                        .toArray(String[]::new));

        assertThat(node.exit()).as(node.output()).isEqualTo(2);
        assertThat(node.output()).contains(sentence).doesNotContain("Exception", "\tat ");
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void directoryOfAnotherUserIsRefused(@TempDir Path directory) throws IOException {
        Files.setAttribute(directory, "unix:uid", 65534);

        Result list =
                gate.world()
                        .host()
                        .run(
                                World.sallyport("org", "list", "--data", directory.toString())
                                        .toArray(String[]::new));

        assertThat(list.exit()).isEqualTo(1);
        assertThat(list.output()).contains("belongs to another user");
    }

    @Test
    void secondNodeOnTheSameDirectoryIsRefused() {
        Result second = program("node --upstream " + World.UPSTREAM4);

        assertThat(second.exit()).isEqualTo(1);
        assertThat(second.output()).contains("another node runs with the data directory");
    }

    @Test
    void nodeWhosePortIsTakenSaysSoAndStopsCleanly(@TempDir Path directory) {
        Result node =
                gate.world()
                        .host()
                        .run(
                                World.sallyport(
                                                "node",
                                                "--data",
                                                directory.toString(),
                                                "--upstream",
                                                World.UPSTREAM4,
                                                "--dns-address",
                                                "169.254.53.99",
                                                "--dns-address",
                                                "fd00:53::99",
                                                "--node-listen",
                                                "127.0.0.1:9153")
                                        .toArray(String[]::new));

        assertThat(node.exit()).isEqualTo(1);
        assertThat(node.output()).contains("127.0.0.1:9153").doesNotContain("\tat ");
    }

    private static String rules() {
        return gate.world()
                .host()
                .run("sh", "-c", "iptables-save; ip6tables-save; ipset list -n")
                .output()
                .replaceAll("(?m)^#.*\n|\\[\\d+:\\d+\\]", "");
    }

    private static Result program(String command) {
        List<String> words = new ArrayList<>(Arrays.asList(command.strip().split(" +", -1)));
        return gate.program(words.toArray(String[]::new));
    }
}
