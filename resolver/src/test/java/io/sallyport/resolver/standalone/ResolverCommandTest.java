package io.sallyport.resolver.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ResolverCommandTest {
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ResolverCommand())
                .setExpandAtFiles(false)
                .setErr(new PrintWriter(err))
                .setOut(new PrintWriter(new StringWriter()))
                .execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # arguments                                                        | the sentence says
                    --listen 127.0.0.1:0                                               | --upstream
                    --upstream 127.0.0.1                                               | --listen
                    --listen localhost:53 --upstream 127.0.0.1                         | --listen: "localhost" is not an IP address
                    --listen 127.0.0.1:99999 --upstream 127.0.0.1                      | at most 65535
                    --listen 127.0.0.1:x --upstream 127.0.0.1                          | no port after the colon
                    --listen [::1 --upstream 127.0.0.1                                 | not an IP address
                    --listen 127.0.0.1:0 --upstream dns.example                        | --upstream: "dns.example" is not an IP address
                    --listen 127.0.0.1:53 --upstream 127.0.0.1                         | this resolver itself
                    --listen 0.0.0.0:53 --upstream 192.0.2.53 --forward .a.test=127.0.0.1 | this resolver itself
                    --listen 127.0.0.1:0 --upstream tls://192.0.2.53                   | --upstream: "tls://192.0.2.53" needs the server's name
                    --listen 127.0.0.1:0 --upstream tls://192.0.2.53#a.test;ca=/nowhere | /nowhere
                    --listen 127.0.0.1:0 --upstream 192.0.2.53 --forward a.test        | --forward: "a.test" should be
                    --listen 127.0.0.1:0 --upstream 192.0.2.53 --forward .a.test=192.0.2.1 --forward *.a.test=192.0.2.2 | forwarded twice
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --allow https://a.test/x | --allow: "https://a.test/x" is a URL; a pattern names hosts only: write a.test
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --deny *                 | --deny:
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --allow @/nowhere/list   | cannot read the file /nowhere/list
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --level connections      | needs the settings of an organisation
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --types A,BOGUS          | "BOGUS" is no record type
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --types TYPE70000        | is no record type
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --internal .corp.example | write PATTERN=CIDR
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --internal .corp.example=10.0.0.1/8 | did you mean 10.0.0.0/8
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --client 10.0.0.0/40     | --client:
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --threads 1000           | --threads
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --dnssec yes             | "yes" should be pass or validate
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --trust-anchor /nowhere  | say nothing without --dnssec validate
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --dnssec validate --trust-anchor /nowhere | trust anchors cannot be read from /nowhere
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --dnssec validate --negative-trust-anchor . | no validation
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --limit queries=5        | "queries=5" names none; write one of queries-per-second=1000
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --limit query-burst      | write query-burst=N
                    --listen 127.0.0.1:0 --upstream 127.0.0.1 --limit query-burst=1000001 | query-burst is a number of 0 (no limit) to 1000000
                    """)
    void badInputIsASentenceAndExitCodeTwo(String arguments, String sentence) {
        assertThat(run(arguments.split(" ", -1))).isEqualTo(2);
        assertThat(err.toString()).contains(sentence);
    }

    @Test
    void addressThatIsTakenIsNamedAndExitCodeOne() throws IOException {
        try (DatagramSocket taken =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            assertThat(run("--listen", address, "--upstream", "127.0.0.1")).isEqualTo(1);
            assertThat(err.toString())
                    .contains("cannot listen on 127.0.0.1 port " + taken.getLocalPort(), "in use");
        }
    }

    @Test
    void listsMayStandInFilesWithComments(@TempDir Path folder) throws IOException {
        Path list = folder.resolve("allow.txt");
        Files.writeString(list, "# ours\n.a.example  # whole zone\n\nb.example, c.example\n");

        Policy policy =
                StaticPolicy.compile(
                        false,
                        List.of("@" + list, "d.example"),
                        List.of("x.a.example"),
                        "",
                        List.of());

        for (String name : List.of("y.a.example", "b.example", "c.example", "d.example")) {
            assertThat(policy.judge(WireName.parse(name))).as(name).isInstanceOf(Allow.class);
        }
        assertThat(policy.judge(WireName.parse("x.a.example"))).isInstanceOf(Policy.Deny.class);
    }

    @Test
    void helpNamesEveryLimitWithItsDefault() {
        String help = new CommandLine(new ResolverCommand()).getUsageMessage();

        Limits.DEFAULT
                .values()
                .forEach((limit, value) -> assertThat(help).contains(limit.key() + "=" + value));
    }

    @Test
    void typesAreNamesOrNumbersOrAll() {
        assertThat(StaticPolicy.compile(true, List.of(), List.of(), "a, TXT TYPE65280", List.of()))
                .satisfies(policy -> assertThat(List.of(1, 16, 65280)).allMatch(policy::allowsType))
                .satisfies(policy -> assertThat(policy.allowsType(28)).isFalse());
        assertThat(
                        StaticPolicy.compile(true, List.of(), List.of(), "all", List.of())
                                .allowsType(65))
                .isTrue();
        assertThat(StaticPolicy.compile(true, List.of(), List.of(), "", List.of()))
                .satisfies(policy -> assertThat(policy.allowsPointers()).isTrue());
        assertThat(StaticPolicy.compile(true, List.of(), List.of(), "A,AAAA", List.of()))
                .satisfies(policy -> assertThat(policy.allowsPointers()).isFalse());
    }
}
