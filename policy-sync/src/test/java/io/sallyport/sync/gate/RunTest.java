package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sallyport run}, as a person types it. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare", "setpriv", "getent", "python3"})
class RunTest {
    private static final long PATIENCE_SECONDS = 60;

    /** How a run ended. */
    private record Ended(int exit, String out, String err) {}

    @TempDir private Path data;

    private World world;

    @BeforeEach
    void open() {
        world = World.start();
    }

    @AfterEach
    void close() {
        world.close();
    }

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

        assertThat(run.exit).as(run.err).isEqualTo(7);
        assertThat(run.out)
                .contains(
                        "internet for ",
                        "2600:1f18:1::36",
                        "denied name: 6",
                        "address: 7",
                        "address6: 7");
        assertThat(run.err)
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
    void leavesTheHostAsItWas() {
        String before = state();

        run(List.of("--allow", ".example.com"), "curl -sS http://www.example.com/");

        assertThat(state()).isEqualTo(before);
    }

    @Test
    void whatAKilledRunLeftIsClosedAndTheNextOneRemovesIt() throws Exception {
        String before = state();
        Process killed =
                world.asHost(
                                command(
                                        List.of("--allow", ".example.com"),
                                        "echo started; exec sleep 100"))
                        .redirectErrorStream(true)
                        .start();
        assertThat(killed.inputReader().readLine()).isEqualTo("started");
        killed.destroyForcibly().waitFor();
        assertThat(state()).contains("SALLYPORT");

        run(List.of(), "true");

        assertThat(state()).isEqualTo(before);
    }

    @Test
    void twoRunsAtOnceDoNotKnowEachOther() throws Exception {
        Process first =
                world.asHost(
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

        assertThat(second.out).contains("internet for ").endsWith("7\n");
        assertThat(first.inputReader().readLine()).startsWith("internet for ");
        assertThat(first.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void commandCannotLeaveItsNamespacesThroughTheHost() {
        Ended run =
                run(
                        List.of("--level", "none"),
                        """
                        for attempt in 'nsenter --target 1 --net true' 'nsenter --net=/proc/1/ns/net true' \
                            'unshare --net true' 'ip link set eth0 down' 'mount -t tmpfs none /mnt' \
                            'sh -c "echo x > /proc/sys/kernel/core_pattern"' 'sh -c "echo 1 > /proc/sys/kernel/sysrq"' \
                            'umount /run' 'sh -c "echo b > /proc/sysrq-trigger"' 'iptables -F'; do
                            if sh -c "$attempt" 2>/dev/null; then echo "OPEN: $attempt"; fi
                        done
                        ls /run | grep -v mount; ls -A %s; cat /proc/1/comm\
                        """
                                .formatted(data));

        // Process 1 is the sandbox's own, so the first two attempts only ever meet the sandbox
        // itself.
        assertThat(run.out.replaceAll("(?m)^OPEN: nsenter.*\n", ""))
                .isEqualTo("lock\nresolv.conf\nsh\n");
    }

    @Test
    void socketOfTheHostInTheFileSystemIsClosedToTheCommand(@TempDir Path elsewhere)
            throws IOException {
        Path path = elsewhere.resolve("multi plexer.sock");
        Process listening =
                world.asHost(
                                "python3",
                                "-c",
                                """
                                import socket, sys
                                s = socket.socket(socket.AF_UNIX)
                                s.bind(sys.argv[1])
                                s.listen()
                                print("listens", flush=True)
                                s.accept()
                                """,
                                path.toString())
                        .start();
        try {
            assertThat(listening.inputReader().readLine()).isEqualTo("listens");

            Ended run =
                    run(
                            List.of(),
                            "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"%s\")' 2>&1"
                                    .formatted(path));

            assertThat(run.out).contains("ConnectionRefusedError");
        } finally {
            listening.destroyForcibly();
        }
    }

    @Test
    void settingThatTwoRunsNeedIsPutBackByTheLastOne() throws Exception {
        world.host().run("sysctl", "-qw", "net.ipv4.conf.all.forwarding=0").ok();
        String before = state();
        Process first = waiting("echo up; read -r go");
        Process second =
                waiting("echo up; read -r go; curl -sS -m 3 http://www.example.com/ || echo cut");

        end(first);
        second.outputWriter().write("go\n");
        second.outputWriter().flush();

        assertThat(second.inputReader().readLine()).startsWith("internet for ");
        end(second);
        assertThat(state()).isEqualTo(before);
    }

    private Process waiting(String script) throws IOException {
        Process run =
                world.asHost(command(List.of("--allow", ".example.com"), script))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(run.inputReader().readLine()).isEqualTo("up");
        return run;
    }

    private static void end(Process run) throws Exception {
        run.getOutputStream().close();
        assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void runThatIsStoppedWhileItIsMadeLeavesNothing() throws Exception {
        String before = state();
        for (int millis = 300; millis <= 1500; millis += 300) {
            Process run =
                    world.asHost(command(List.of(), "sleep 100")).redirectErrorStream(true).start();
            Thread.sleep(millis);
            run.destroy();

            assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(state()).as("stopped after %d ms", millis).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/run"})
    void directoryInWhichTheCommandStartsIsHiddenToo(String start) throws IOException {
        Files.writeString(data.resolve("admin.token"), "secret");
        String directory = start.isEmpty() ? data.toString() : start;

        Ended run =
                ended(
                        world.asHost(command(List.of(), "cat ./admin.token; ls -A . ./sallyport"))
                                .directory(Path.of(directory).toFile()));

        assertThat(run.out).doesNotContain("secret", "admin.token", "run-");
    }

    @Test
    void kernelFileSystemsMountedElsewhereAreHidden(@TempDir Path chroot) {
        List<String> mounted =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "cd \"$0\" && mkdir 'p roc' sys && mount -t proc proc 'p roc' && mount -t sysfs sysfs sys && exec \"$@\"",
                                chroot.toString()));
        mounted.addAll(List.of(command(List.of(), "cd %s && find .".formatted(chroot))));

        Ended run = ended(world.asHost(mounted.toArray(String[]::new)));

        assertThat(run.out.lines()).as(run.err).containsExactlyInAnyOrder(".", "./p roc", "./sys");
    }

    @Test
    void callsThatNoNetworkNamespaceHoldsAreRefused() {
        Ended run =
                run(
                        List.of(),
                        """
                        python3 -c '
                        import ctypes, fcntl, os, socket
                        calls = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}[os.uname().machine]
                        libc = ctypes.CDLL(None, use_errno=True)
                        for number in calls + (425,):
                            libc.syscall(number, 0, 0, 0, 0, 0)
                            print(ctypes.get_errno(), end=" ")
                        for family in (40, 31, 38):
                            try: print("OPEN", socket.socket(family, socket.SOCK_STREAM))
                            except OSError as e: print(e.errno, end=" ")
                        for request in (0x5412, 0x541c):
                            try: print("OPEN", fcntl.ioctl(0, request, b"x"))
                            except OSError as e: print(e.errno, end=" ")
                        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'\
                        """);

        assertThat(run.out).as(run.err).isEqualTo("1 1 1 1 97 97 97 1 1 ");
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

        Process process = world.asHost(command.toArray(String[]::new)).start();
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

        assertThat(run.out).contains("internet for ", "status: NXDOMAIN", "org acme");
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

        assertThat(run.out).contains("1 2 6\n", "name: 6\n", "address: 7\n");
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

            assertThat(run.out).as("%s", options).doesNotContain("ran\n");
            assertThat(run.exit).as("%s: %s", options, run.err).isIn(1, 2);
            assertThat(run.err)
                    .as("%s", options)
                    .startsWith("sallyport: ")
                    .doesNotContain("Exception", "\tat ");
        }
        assertThat(state()).doesNotContain("SALLYPORT");
    }

    /**
     * What a run could leave: rules and chains of its own (a table that was merely looked at is no
     * trace), and more.
     */
    private String state() {
        return world.host()
                .run(
                        "sh",
                        "-c",
                        """
                        iptables-save | grep -E '^-|^:SALLYPORT'; ip6tables-save | grep -E '^-|^:SALLYPORT'
                        ipset list -n; ip -o link | sed 's/^[0-9]*: //'; ls /run/sallyport 2>/dev/null
                        sysctl -a 2>/dev/null | grep -E 'forwarding|accept_ra ' | sort\
                        """)
                .output()
                .replaceAll("\\[\\d+:\\d+]", "");
    }

    private Ended run(List<String> options, String script) {
        return ended(world.asHost(command(options, script)));
    }

    private static Ended ended(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            var err =
                    new java.util.concurrent.FutureTask<>(() ->
                            new String(
                                    process.getErrorStream().readAllBytes(),
                                    StandardCharsets.UTF_8));
            Thread.ofVirtual().start(err);
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), out, err.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private String[] command(List<String> options, String script) {
        List<String> command = new ArrayList<>(World.sallyport("run", "--data", data.toString()));
        if (!options.contains("--upstream")) {
            command.addAll(List.of("--upstream", World.UPSTREAM4));
        }
        command.addAll(options);
        command.addAll(List.of("--", "sh", "-c", script));
        return command.toArray(String[]::new);
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
