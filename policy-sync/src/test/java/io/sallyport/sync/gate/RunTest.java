package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command under {@code sallyport run} reaches, and what its user is told. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "setpriv", "getent", "python3"})
class RunTest extends Runs {
    @Test
    void commandReachesWhatIsAllowedAndIsToldWhatWasDenied() {
        Ended run =
                run(
                        List.of("--level", "none", "--allow", ".example.com"),
                        """
                        curl -sS -4 http://www.example.com/ && curl -sS -6 http://www.example.com/ && getent ahosts api.example.com
                        curl -sS -m 3 http://denied.example.org/; echo "denied name: $?"
                        curl -sS -m 3 http://93.184.216.200/; echo "address: $?"
                        curl -sS -m 3 'http://[2600:1f18:1::200]/'; echo "address6: $?"
                        dig +short @8.8.8.8 denied.example.org; exit 7\
                        """);

        assertThat(run.exit()).as(run.err()).isEqualTo(7);
        assertThat(run.out())
                .contains(
                        "internet for ",
                        "2600:1f18:1::36",
                        "denied name: 6",
                        "address: 7",
                        "address6: 7");
        assertThat(run.err())
                .contains(
                        "names denied",
                        "denied.example.org",
                        "addresses refused",
                        "93.184.216.200:80 tcp")
                .contains("[2600:1f18:1::200]:80 tcp");
        assertThat(world.upstreamSaw("denied.example.org")).isFalse();
        assertThat(world.escaped())
                .noneMatch(
                        packet -> packet.destination().getHostAddress().equals("93.184.216.200"));
    }

    @Test
    void twoRunsAtOnceDoNotKnowEachOther() throws Exception {
        Process first =
                asHost(
                                command(
                                        List.of("--allow", "www.example.com"),
                                        "curl -sS http://www.example.com/ && read -r go && curl -sS http://www.example.com/"))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(first.inputReader().readLine()).startsWith("internet for ");

        Ended second =
                run(
                        List.of("--allow", "api.example.com"),
                        "curl -sS -m 3 http://api.example.com/; curl -sS -m 3 http://93.184.216.35/; echo $?");
        first.outputWriter().write("go\n");
        first.outputWriter().flush();

        assertThat(second.out()).contains("internet for ").endsWith("7\n");
        assertThat(first.inputReader().readLine()).startsWith("internet for ");
        assertThat(first.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65534"})
    void dnsOnlyFiltersNamesForRootAndForOrdinaryUsers(String user) throws Exception {
        world.host().run("sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=53").ok();
        String program = readable();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid=" + user,
                                "--regid=" + user,
                                "--clear-groups",
                                "--"));
        for (String word :
                command(
                        List.of("--dns-only", "--allow", "www.example.com"),
                        "id -u; getent ahostsv4 www.example.com; getent hosts denied.example.org; exit 7")) {
            command.add(word.equals(System.getProperty("java.class.path")) ? program : word);
        }

        Process process = asHost(command.toArray(String[]::new)).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(err).isEqualTo(7);
        assertThat(out).startsWith(user + "\n").contains("93.184.216.35");
        assertThat(err).contains("NOT blocked are connections", "denied.example.org");
    }

    /** The class path where every user can read it. */
    private String readable() throws IOException {
        List<String> copy =
                new ArrayList<>(
                        List.of(
                                "sh",
                                "-c",
                                "n=0; for each do cp -r \"$each\" \"$0/$n\"; n=$((n + 1)); done; chmod -R a+rX \"$0\"",
                                data.toString()));
        List<String> here = List.of(System.getProperty("java.class.path").split(":", -1));
        copy.addAll(here);
        world.host().run(copy.toArray(String[]::new)).ok();
        return IntStream.range(0, here.size())
                .mapToObj(number -> data.resolve(Integer.toString(number)).toString())
                .collect(Collectors.joining(":"));
    }

    @Test
    void orgsPolicyIsUsed() {
        Gateless.admin(data, "org", "create", "acme");
        Gateless.admin(data, "org", "set", "acme", "--level", "none");
        Gateless.admin(data, "org", "allow", "acme", "www.example.com");

        Ended run =
                run(
                        List.of("--org", "acme"),
                        "curl -sS http://www.example.com/; dig api.example.com");

        assertThat(run.out()).contains("internet for ", "status: NXDOMAIN", "org acme");
    }

    @Test
    void commandWithoutInternetAccessWorksWithWhatIsThere() {
        Gateless.admin(data, "org", "create", "acme");
        Gateless.admin(data, "org", "set", "acme", "--internet", "off");

        Ended run =
                run(
                        List.of("--org", "acme"),
                        """
                        printf '2\\n1\\n' | sort | tr '\\n' ' '; python3 -c 'print(sum([1, 2, 3]))'
                        curl -sS -m 3 http://www.example.com/; echo "name: $?"
                        curl -sS -m 3 http://93.184.216.200/; echo "address: $?"\
                        """);

        assertThat(run.out()).contains("1 2 6\n", "name: 6\n", "address: 7\n");
        assertThat(world.arrived()).isEmpty();
    }

    @Test
    void wrongInputIsToldAndRunsNothing() {
        for (List<String> options :
                List.of(
                        List.of("--level", "everything"),
                        List.of("--allow", "http://example.com/"),
                        List.of("--allow", "*.com"),
                        List.of("--upstream", "nonsense"),
                        List.of("--upstream", "1.2.3.4:99999"),
                        List.of("--org", "nobody"),
                        List.of("--user", "no-such-user"),
                        List.of("--org", "acme", "--level", "all"))) {
            Ended run = run(options, "echo ran");

            assertThat(run.out()).as("%s", options).doesNotContain("ran\n");
            assertThat(run.exit()).as("%s: %s", options, run.err()).isIn(1, 2);
            assertThat(run.err())
                    .as("%s", options)
                    .startsWith("sallyport: ")
                    .doesNotContain("Exception", "\tat ");
        }
        assertThat(state()).doesNotContain("SALLYPORT");
    }

    /** Orgs without a node. */
    private static final class Gateless {
        static void admin(Path data, String... arguments) {
            List<String> whole = new ArrayList<>(List.of(arguments));
            whole.addAll(List.of("--data", data.toString()));
            assertThat(io.sallyport.sync.cli.Cli.run(whole.toArray(String[]::new))).isZero();
            assertThat(Files.exists(data.resolve("sallyport.db"))).isTrue();
        }
    }
}
