package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.world.Sandbox;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The stub resolvers that programs in a sandbox are built with get the same answers, and a clean
 * "not found" at once. A stub waits 5 s for an answer that does not come, so less than that means
 * that every one came.
 */
@Needs({"nsd", "tcpdump", "unshare", "getent", "gcc", "musl-gcc", "busybox", "node", "python3"})
class StubResolversTest {
    private static final String RESOLVER = "169.254.53.53";
    private static final long STUB_TIMER_MILLIS = 5000;
    private static final Set<String> NONE = Set.of("not-found", "no-data");

    @TempDir private static Path directory;
    private static Gate gate;
    private static Sandbox sandbox;

    /** Each prints addresses, or a word: not-found, no-data, later. */
    enum Stub {
        GLIBC {
            @Override
            List<String> command(String name, String family) {
                return List.of("sh", file("lookup-getent.sh"), name, family);
            }
        },
        MUSL {
            @Override
            List<String> command(String name, String family) {
                return List.of(directory.resolve("lookup-musl").toString(), name, family);
            }
        },
        CPYTHON {
            @Override
            List<String> command(String name, String family) {
                return List.of("/usr/bin/python3", file("lookup.py"), name, family);
            }
        },
        JDK {
            @Override
            List<String> command(String name, String family) {
                return List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        JdkLookup.class.getName(),
                        name,
                        family);
            }
        },
        NODE_LOOKUP {
            @Override
            List<String> command(String name, String family) {
                return List.of("node", file("lookup.js"), "lookup", name, family);
            }
        },
        NODE_C_ARES {
            @Override
            List<String> command(String name, String family) {
                return List.of("node", file("lookup.js"), "resolve", name, family);
            }
        },
        BUSYBOX_NSLOOKUP {
            @Override
            List<String> command(String name, String family) {
                return List.of("sh", file("lookup-nslookup.sh"), name, family);
            }
        };

        abstract List<String> command(String name, String family);

        /** Whether it asks again over TCP when an answer is truncated (RFC 7766 §5). */
        boolean speaksTcp() {
            return this != MUSL && this != BUSYBOX_NSLOOKUP;
        }

        private static String file(String name) {
            return directory.resolve(name).toString();
        }
    }

    @BeforeAll
    static void open() throws IOException {
        String[] programs = {
            "lookup.c", "lookup.py", "lookup.js", "lookup-getent.sh", "lookup-nslookup.sh"
        };
        for (String name : programs) {
            try (InputStream resource =
                    Objects.requireNonNull(StubResolversTest.class.getResourceAsStream(name))) {
                Files.copy(resource, directory.resolve(name));
            }
        }
        Netns.host(
                        "musl-gcc",
                        "-static",
                        "-O1",
                        "-o",
                        directory.resolve("lookup-musl").toString(),
                        directory.resolve("lookup.c").toString())
                .ok();
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
        sandbox = gate.sandbox("sb0", "acme");
        gate.world().forget();
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    @ParameterizedTest
    @EnumSource
    void allowedNameHasItsAddressesOfBothFamilies(Stub stub) {
        assertThat(ask(stub, "www.example.com", "4")).containsExactly("93.184.216.35");
        assertThat(ask(stub, "www.example.com", "6")).containsExactly("2600:1f18:1:0:0:0:0:35");
    }

    @ParameterizedTest
    @EnumSource
    void deniedNameIsCleanlyNotFoundAndAtOnce(Stub stub) {
        for (String family : new String[] {"4", "6", "any"}) {
            assertThat(ask(stub, "denied.example.org", family)).containsExactly("not-found");
        }
        assertThat(gate.world().upstreamSaw("denied.example.org")).isFalse();
    }

    /** B8: NODATA, so that a stub which asks for both families at once still finds the other. */
    @ParameterizedTest
    @EnumSource
    void nameOfOneFamilyIsFoundInItAndHasNoDataInTheOther(Stub stub) {
        assertThat(NONE).containsAll(ask(stub, "v4only.example.com", "6"));
        assertThat(ask(stub, "v4only.example.com", "any")).containsExactly("93.184.216.37");
        assertThat(NONE).containsAll(ask(stub, "v6only.example.com", "4"));
    }

    @ParameterizedTest
    @EnumSource
    void chainOfAliasesLeadsToTheLastNamesAddress(Stub stub) {
        assertThat(ask(stub, "cdn.example.com", "4")).containsExactly("151.101.1.6");
    }

    /** S2, S4: whole over TCP; without TCP as many as fit 512 octets, and not none. */
    @ParameterizedTest
    @EnumSource
    void sixtyAddressesArrive(Stub stub) {
        Set<String> all =
                IntStream.rangeClosed(1, 60)
                        .mapToObj(i -> "93.184.218." + i)
                        .collect(Collectors.toSet());

        List<String> found = ask(stub, "big.example.com", "4");

        if (stub.speaksTcp()) {
            assertThat(found).containsExactlyInAnyOrderElementsOf(all);
        } else {
            assertThat(found).hasSizeGreaterThanOrEqualTo(25).doesNotHaveDuplicates();
            assertThat(all).containsAll(found);
        }
    }

    /** B9: Kubernetes' search list multiplies each question; none of it goes upstream. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BUSYBOX_NSLOOKUP")
    void searchListCostsDenialsOnly(Stub stub) {
        sandbox.resolvConf(
                "nameserver " + RESOLVER,
                "search default.svc.cluster.local svc.cluster.local cluster.local",
                "options ndots:5");
        try {
            assertThat(ask(stub, "www.example.com", "4")).containsExactly("93.184.216.35");
            assertThat(ask(stub, "denied.example.org", "4")).containsExactly("not-found");
        } finally {
            sandbox.nameservers(RESOLVER);
        }
        assertThat(gate.world().questions()).noneMatch(name -> name.endsWith("cluster.local"));
    }

    /** The program that uses what its C library found. */
    @Test
    void busyboxWgetFetchesFromAnAllowedNameOnly() {
        assertThat(sandbox.run("busybox", "wget", "-qO-", "http://www.example.com/").output())
                .startsWith("internet for ");
        Netns.Result denied =
                sandbox.run("busybox", "wget", "-qO-", "-T", "5", "http://denied.example.org/");
        assertThat(denied.exit()).isNotZero();
    }

    private static List<String> ask(Stub stub, String name, String family) {
        List<String> command = stub.command(name, family);
        long start = System.nanoTime();
        String output = sandbox.run(command.toArray(String[]::new)).ok().output();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertThat(millis).as("%s asks for %s", stub, name).isLessThan(STUB_TIMER_MILLIS);
        List<String> found = new ArrayList<>();
        for (String line : output.lines().toList()) {
            String word = line.strip();
            boolean address = word.contains(":") || word.matches("[0-9.]+");
            found.add(address ? InetAddress.ofLiteral(word).getHostAddress() : word);
        }
        return found;
    }
}
