package io.sallyport.sync.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.chain.Chain.Nothing;
import io.sallyport.sync.chain.Chain.There;
import io.sallyport.sync.chain.Chain.Written;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class ChainTest {
    private static final String PRIMARY =
            "{\"name\":\"k8s\",\"cniVersion\":\"0.3.1\",\"plugins\":[{\"type\":\"ptp\",\"mtu\":1.50,"
                    + "\"big\":123456789012345678901}]}";

    @TempDir Path directory;
    private Path configurations;

    @BeforeEach
    void directories() throws IOException {
        configurations = Files.createDirectory(directory.resolve("net.d"));
        Files.createDirectory(directory.resolve("bin"));
        Files.writeString(directory.resolve("program"), "octets");
    }

    private Chain chain() {
        return chain(Optional.empty(), Optional.empty());
    }

    private Chain chain(Optional<String> name, Optional<Path> dedicated) {
        ObjectNode entry =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("type", "sallyport-cni")
                        .put("socket", "/run/sallyport/cni.sock");
        return Chain.of(
                new Chain.Config(
                        directory.resolve("program"),
                        directory.resolve("bin"),
                        configurations,
                        name,
                        dedicated,
                        entry));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(configurations.resolve(name), text);
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(Files.readString(file));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(configurations)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.equals(Owner.FILE))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void isTheLastOfTheFirstChainAndLeavesTheRestAsItWas() throws IOException {
        Path first = file("10-k8s.conflist", PRIMARY);
        Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rw-r-----"));
        Path second = file("20-other.conflist", PRIMARY);

        assertThat(chain().install()).isEqualTo(new Written(first));

        assertThat(json(first).path("plugins").path(1).path("socket").asString())
                .isEqualTo("/run/sallyport/cni.sock");
        assertThat(Files.readString(first)).contains("1.50", "123456789012345678901", "0.3.1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
                .isEqualTo("rw-r-----");
        assertThat(second).hasContent(PRIMARY);
        assertThat(directory.resolve("bin/sallyport-cni")).hasContent("octets").isExecutable();
        assertThat(chain().install()).isEqualTo(new There(first));
        assertThat(names()).containsExactly("10-k8s.conflist", "20-other.conflist");

        assertThat(chain().uninstall()).containsExactly(first);
        assertThat(json(first)).isEqualTo(new JsonMapper().readTree(PRIMARY));
        assertThat(chain().uninstall()).isEmpty();
        assertThat(configurations.resolve(Owner.FILE)).doesNotExist();
    }

    @Test
    void anotherPluginBehindUsIsNoReasonToQuarrel() throws IOException {
        Path first = file("10-k8s.conflist", PRIMARY);
        chain().install();
        ObjectNode read = (ObjectNode) json(first);
        read.withArray("plugins").addObject().put("type", "another-mesh");
        file("10-k8s.conflist", read.toString());

        assertThat(chain().install()).isEqualTo(new There(first));
    }

    @Test
    void oldWordsOfOursAreReplaced() throws IOException {
        Path first =
                file(
                        "10-k8s.conflist",
                        PRIMARY.replace(
                                "]}", ",{\"type\":\"sallyport-cni\",\"socket\":\"/old.sock\"}]}"));

        assertThat(chain().install()).isEqualTo(new Written(first));
        assertThat(json(first).path("plugins")).hasSize(2);
        assertThat(Files.readString(first)).doesNotContain("/old.sock");
    }

    /** By name a single plugin's file comes before its chain, and would be taken. */
    @Test
    void singlePluginBecomesAChainInItsPlaceAndComesBack() throws IOException {
        String single = "{\"cniVersion\":\"1.0.0\",\"name\":\"k8s\",\"type\":\"ptp\"}";
        Path file = file("10-k8s.conf", single);

        assertThat(chain().install())
                .isEqualTo(new Written(configurations.resolve("10-k8s.conflist")));
        JsonNode made = json(configurations.resolve("10-k8s.conflist"));
        assertThat(made.path("name").asString()).isEqualTo("k8s");
        assertThat(made.path("cniVersion").asString()).isEqualTo("1.0.0");
        assertThat(made.path("plugins")).hasSize(2);
        assertThat(names()).containsExactly("10-k8s.conf.before-sallyport", "10-k8s.conflist");

        file("10-k8s.conf", single);
        assertThat(chain().install()).isInstanceOf(Written.class);
        assertThat(names()).containsExactly("10-k8s.conf.before-sallyport", "10-k8s.conflist");

        chain().uninstall();
        assertThat(names()).containsExactly("10-k8s.conf");
        assertThat(file).hasContent(single);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"plugins\":[",
                "[]",
                "{}",
                "{\"plugins\":{}}",
                "{\"plugins\":[],\"plugins\":[]}",
                "{\"plugins\":[]} {}"
            })
    void whatIsNoChainOrNotYetIsWaitedForAndNotTouched(String text) throws IOException {
        assertThat(chain().install()).isInstanceOf(Nothing.class);
        Path file = file("10-k8s.conflist", text);

        assertThat(chain().install()).isInstanceOf(Nothing.class);
        assertThat(file).hasContent(text);
        assertThat(names()).containsExactly("10-k8s.conflist");
    }

    @Test
    void dedicatedConfigurationIsWrittenAsAWholeAndGoesAsAWhole() throws IOException {
        Path source = Files.writeString(directory.resolve("sandboxes.conflist"), PRIMARY);
        configurations = directory.resolve("sandboxes.d");
        Chain chain = chain(Optional.empty(), Optional.of(source));
        Path file = configurations.resolve("sandboxes.conflist");

        assertThat(chain.install()).isEqualTo(new Written(file));
        assertThat(json(file).path("plugins")).hasSize(2);
        assertThat(chain.install()).isEqualTo(new There(file));
        Files.writeString(file, PRIMARY);
        assertThat(chain.install()).isEqualTo(new Written(file));

        chain.uninstall();
        assertThat(names()).isEmpty();
    }

    /** An installer before an update, and the one after it. */
    private Chain installer(String version, AtomicLong clock, Optional<Path> dedicated)
            throws IOException {
        Path program = Files.writeString(directory.resolve("program-" + version), version);
        return Chain.of(
                new Chain.Config(
                        program,
                        directory.resolve("bin"),
                        configurations,
                        Optional.empty(),
                        dedicated,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("type", "sallyport-cni")
                                .put("socket", "/" + version + ".sock")),
                clock::get);
    }

    private void isOf(String version, Path file) throws IOException {
        assertThat(json(file).at("/plugins/1/socket").asString())
                .isEqualTo("/" + version + ".sock");
        assertThat(json(file).path("plugins")).hasSize(2);
        assertThat(directory.resolve("bin/sallyport-cni")).hasContent(version).isExecutable();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theInstallerThatStartedLastDecidesAndTheOtherPutsBackWhatIsMissing(boolean dedicated)
            throws IOException {
        AtomicLong clock = new AtomicLong(-5);
        Path first = file("10-k8s.conflist", PRIMARY);
        Optional<Path> source =
                dedicated
                        ? Optional.of(
                                Files.writeString(directory.resolve("10-k8s.conflist"), PRIMARY))
                        : Optional.empty();
        Chain before = installer("before", clock, source);
        Chain after = installer("after", clock, source);
        assertThat(before.install()).isEqualTo(new Written(first));
        isOf("before", first);

        assertThat(after.install()).isEqualTo(new Written(first));
        for (int look = 0; look < 3; look++) {
            assertThat(before.install()).isEqualTo(new There(first));
            assertThat(after.install()).isEqualTo(new There(first));
            isOf("after", first);
        }

        Files.delete(directory.resolve("bin/sallyport-cni"));
        file("10-k8s.conflist", PRIMARY);
        assertThat(before.install()).isEqualTo(new Written(first));
        isOf("before", first);
        assertThat(after.install()).isEqualTo(new Written(first));
        isOf("after", first);
        assertThat(before.install()).isEqualTo(new There(first));
        isOf("after", first);
    }

    /** The pod of an update that was called off. */
    @Test
    void theInstallerThatStaysDecidesOnceTheLastIsSilent() throws IOException {
        AtomicLong clock = new AtomicLong();
        Path first = file("10-k8s.conflist", PRIMARY);
        Chain before = installer("before", clock, Optional.empty());
        Chain after = installer("after", clock, Optional.empty());
        before.install();
        after.install();
        for (int sign = 0; sign < 10; sign++) {
            clock.addAndGet(Owner.SIGN_NANOS);
            after.install();
            assertThat(before.install()).isEqualTo(new There(first));
        }

        clock.addAndGet(Owner.SILENT_NANOS);
        assertThat(before.install()).as("not before it is over").isEqualTo(new There(first));
        clock.addAndGet(1);
        assertThat(before.install()).isEqualTo(new Written(first));
        isOf("before", first);
        assertThat(after.install()).as("it lives after all").isEqualTo(new There(first));
        isOf("before", first);
    }

    @Test
    void bothMayWriteAtOnceAndLeaveNothing() throws Exception {
        Path first = file("10-k8s.conflist", PRIMARY);
        AtomicLong clock = new AtomicLong();
        List<Chain> both =
                List.of(
                        installer("before", clock, Optional.empty()),
                        installer("after", clock, Optional.empty()));
        for (Chain chain : both) {
            chain.install();
        }
        List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
        for (int round = 0; round < 20; round++) {
            file("10-k8s.conflist", PRIMARY);
            Files.deleteIfExists(directory.resolve("bin/sallyport-cni"));
            List<Thread> threads = new ArrayList<>();
            for (Chain chain : both) {
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        chain.install();
                                    } catch (IOException | RuntimeException e) {
                                        failed.add(e);
                                    }
                                }));
            }
            for (Thread thread : threads) {
                assertThat(thread.join(java.time.Duration.ofSeconds(20))).isTrue();
            }
            both.get(1).install();
            isOf("after", first);
        }
        assertThat(failed).isEmpty();
        assertThat(names()).containsExactly("10-k8s.conflist");
    }

    @Test
    void whatAKilledInstallerLeftIsSweptAndNothingElse() throws IOException {
        FileTime old = FileTime.from(Instant.now().minusSeconds(120));
        for (String name :
                List.of(
                        ".a.1.sallyport-new",
                        ".a.1.new",
                        "a.sallyport-new",
                        ".b.2.sallyport-new")) {
            Files.setLastModifiedTime(file(name, ""), old);
        }
        Files.setLastModifiedTime(
                configurations.resolve(".b.2.sallyport-new"), FileTime.from(Instant.now()));

        Swap.sweep(configurations);
        Swap.sweep(directory.resolve("nowhere"));

        assertThat(names()).containsExactly(".a.1.new", ".b.2.sallyport-new", "a.sallyport-new");
    }

    @Test
    void programThatIsMissingIsSaid() {
        assertThatThrownBy(
                        () -> {
                            Files.delete(directory.resolve("program"));
                            chain().install();
                        })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("program");
    }

    @Test
    void watchRepairsCountsAndReports() throws Exception {
        List<String> said = Collections.synchronizedList(new ArrayList<>());
        Path report = directory.resolve("run/cni-conf.json");
        Thread watcher =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                chain().watch(report, said::add);
                            } catch (IOException e) {
                                said.add(e.toString());
                            }
                        });
        try {
            await(() -> said.stream().anyMatch(each -> each.startsWith("waiting: ")));
            await(() -> reports(report, false, 0));
            file("10-k8s.conflist", PRIMARY);
            await(() -> reports(report, true, 0));
            for (int repairs = 1; repairs <= 3; repairs++) {
                file("10-k8s.conflist", PRIMARY);
                int wanted = repairs;
                await(() -> reports(report, true, wanted));
            }
            Files.delete(configurations.resolve("10-k8s.conflist"));
            await(() -> reports(report, false, 3));
            assertThat(said).anyMatch(each -> each.contains("put back"));
        } finally {
            watcher.interrupt();
            assertThat(watcher.join(java.time.Duration.ofSeconds(20))).isTrue();
        }
    }

    private static boolean reports(Path report, boolean present, int repairs) {
        try {
            JsonNode read = json(report);
            return read.path("present").asBoolean() == present
                    && read.path("repairs").asInt() == repairs;
        } catch (IOException e) {
            return false;
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(10);
        }
    }
}
