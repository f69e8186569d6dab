package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.gate.ContainerRuntime.Outcome;
import io.sallyport.sync.gate.ContainerRuntime.Pod;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Pods by the real chain: Debian's bridge or ptp with host-local, our plugin, a real node. */
@Needs({"/usr/lib/cni/bridge", "cc", "nsd", "curl", "dig", "tcpdump", "unshare", "python3"})
class CniTest {
    private static final String NONE_PENDING = "EDE: 14 (Not Ready)";

    /** What makes the pods' interfaces. */
    enum Primary {
        PTP("\"type\":\"ptp\",\"ipMasq\":false", 200),
        BRIDGE("\"type\":\"bridge\",\"bridge\":\"pods0\",\"isGateway\":true", 201);

        private final String plugin;
        private final int block;

        Primary(String plugin, int block) {
            this.plugin = plugin;
            this.block = block;
        }

        String conflist(String more) {
            return """
            {"cniVersion":"1.0.0","name":"pods-%3$d","plugins":[{%1$s,
              "ipam":{"type":"host-local","dataDir":"%2$s",
                "ranges":[[{"subnet":"10.201.%3$d.0/24"}],[{"subnet":"fd5a:11:%3$d::/64"}]],
                "routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}}%4$s]}
            """
                    .formatted(plugin, directory.resolve("ipam"), block, more);
        }
    }

    @TempDir static Path directory;

    private static Gate gate;
    private static ContainerRuntime runtime;
    private final List<Pod> pods = new ArrayList<>();

    @BeforeAll
    static void open() throws IOException {
        Files.createDirectories(directory.resolve("bin"));
        Files.createDirectories(directory.resolve("net.d"));
        Netns.host(
                        "sh",
                        "../iptables-scripts/src/main/c/build.sh",
                        directory.resolve("bin/sallyport-cni").toString())
                .ok();
        World world = World.start();
        world.host().run("ip", "link", "set", "lo", "up").ok();
        gate =
                Gate.in(
                        world,
                        List.of(
                                "--upstream",
                                World.UPSTREAM4,
                                "--cni-socket",
                                socket().toString(),
                                "--sandbox-interface",
                                "veth+",
                                "--sandbox-interface",
                                "pods0"));
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", "www.example.com");
        runtime =
                new ContainerRuntime(
                        world.host(), directory.resolve("net.d"), directory.resolve("bin"));
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    @AfterEach
    void takeAway() throws IOException {
        for (Pod pod : pods) {
            pod.close();
        }
        Gate.await("every pod's network has gone with it", () -> networks().isEmpty());
        try (Stream<Path> files = Files.list(directory.resolve("net.d"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static Path socket() {
        return directory.resolve("run/cni.sock");
    }

    /** The chain from now on, with our plugin configured like this. */
    private static void chain(Primary primary, String more) {
        write(primary, ",{\"type\":\"sallyport-cni\",\"socket\":\"" + socket() + "\"" + more + "}");
    }

    private static void write(Primary primary, String plugins) {
        try {
            Files.writeString(
                    directory.resolve("net.d/10-pods.conflist"), primary.conflist(plugins));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Pod pod() {
        Pod pod = new Pod();
        pods.add(pod);
        return pod;
    }

    private static JsonNode networks() {
        try {
            return gate.client().get("/v1/networks").path("networks");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void hasNoWayOut(Pod pod) {
        gate.world().forget();
        assertThat(pod.reaches("http://" + World.PUBLIC4 + "/")).isFalse();
        assertThat(pod.reaches("http://[" + World.PUBLIC6 + "]/")).isFalse();
        assertThat(pod.reaches("http://" + World.METADATA4 + "/")).isFalse();
        assertThat(pod.dig("www.example.com", "@" + World.UPSTREAM4)).doesNotContain("93.184");
        assertThat(gate.world().escaped()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void podReachesWhatItsOrgAllowsAndNothingElse(Primary primary) {
        chain(primary, ",\"org\":\"acme\"");
        Pod pod = pod();

        JsonNode result = runtime.add(pod).ok();

        assertThat(result.path("dns").path("nameservers").toString())
                .isEqualTo("[\"169.254.53.53\",\"fd00:53::53\"]");
        assertThat(result.path("ips")).hasSize(2);
        assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
        assertThat(pod.dig("www.example.com", "AAAA", "@8.8.8.8")).contains("2600:1f18:1::35");
        assertThat(pod.reaches("http://93.184.216.35/")).isTrue();
        assertThat(pod.reaches("http://[2600:1f18:1::35]/")).isTrue();
        assertThat(pod.dig("api.example.com", "@8.8.8.8")).contains("NXDOMAIN");
        hasNoWayOut(pod);
        assertThat(pod.reaches("http://" + World.HOST_SERVICE)).isFalse();

        runtime.ours("CHECK", pod).ok();
        assertThat(runtime.add(pod).exit()).as("bridge and ptp refuse a second time").isEqualTo(1);
        assertThat(runtime.ours("ADD", pod).ok().path("ips")).hasSize(2);
        assertThat(networks()).as("told twice, there once").hasSize(1);

        runtime.ours("DEL", pod).ok();
        assertThat(networks()).isEmpty();
        assertThat(runtime.ours("CHECK", pod).code()).isEqualTo(102);
        assertThat(pod.dig("www.example.com")).doesNotContain("93.184.216.35");
        assertThat(pod.reaches("http://93.184.216.35/")).as("until its cable goes").isFalse();
        hasNoWayOut(pod);
        assertThat(runtime.delete(pod)).allMatch(outcome -> outcome.exit() == 0);
    }

    @Test
    void podWithoutAnOrgIsDeniedEverythingUntilSomebodyStartsItsSession() throws Exception {
        chain(Primary.PTP, "");
        Pod pod = pod();
        runtime.add(pod).ok();

        assertThat(pod.dig("www.example.com")).contains(NONE_PENDING);
        hasNoWayOut(pod);
        runtime.ours("CHECK", pod).ok();
        var body = Gate.place(pod.device(), pod.address(0), pod.address(1)).put("org", "acme");
        gate.client().post("/v1/sessions", body);
        assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
        assertThat(pod.reaches("http://93.184.216.35/")).isTrue();

        assertThat(runtime.delete(pod)).allMatch(outcome -> outcome.exit() == 0);
        assertThat(gate.sessions()).isEmpty();
    }

    @Test
    void orgThatIsUnknownOrRefusedStartsNoPodAndLeavesNothing() {
        chain(Primary.PTP, ",\"org\":\"nobody\"");
        Pod pod = pod();

        Outcome outcome = runtime.add(pod);

        assertThat(outcome.code()).isEqualTo(101);
        assertThat(outcome.answer().path("msg").asString()).contains("nobody");
        assertThat(networks()).isEmpty();
        hasNoWayOut(pod);
        assertThat(runtime.delete(pod)).allMatch(each -> each.exit() == 0);
    }

    @Test
    void nodeThatIsDownStartsNoPodAndHoldsNoEndUp() {
        chain(Primary.PTP, ",\"org\":\"acme\",\"timeoutSeconds\":2");
        Pod before = pod();
        Pod kept = pod();
        Pod meanwhile = pod();
        runtime.add(before).ok();
        runtime.add(kept).ok();
        assertThat(kept.dig("www.example.com")).contains("93.184.216.35");
        gate.kill();

        Outcome outcome = runtime.add(meanwhile);
        assertThat(outcome.code()).isEqualTo(11);
        assertThat(outcome.took()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
        hasNoWayOut(meanwhile);
        assertThat(runtime.status().code()).isEqualTo(51);
        assertThat(runtime.ours("CHECK", kept).code()).isEqualTo(11);
        assertThat(runtime.delete(meanwhile)).allMatch(each -> each.exit() == 0);
        assertThat(runtime.delete(before)).allMatch(each -> each.exit() == 0);
        assertThat(kept.reaches("http://93.184.216.35/")).as("what was pinned stays").isTrue();
        gate.restart();

        assertThat(networks()).hasSize(1);
        assertThat(kept.dig("www.example.com")).contains("93.184.216.35");
        runtime.ours("CHECK", kept).ok();
        runtime.status().ok();
        runtime.add(meanwhile).ok();
        assertThat(meanwhile.dig("www.example.com")).contains("93.184.216.35");
        assertThat(runtime.delete(kept)).allMatch(each -> each.exit() == 0);
        assertThat(networks()).hasSize(1);
    }

    /** The runtime tells the end of a container after its address has another. */
    @Test
    void endThatIsToldTooLateEndsNothing() {
        chain(Primary.BRIDGE, ",\"org\":\"acme\"");
        Pod pod = pod();
        runtime.add(pod).ok();
        String first = pod.container;
        pod.container = "b" + first.substring(1);
        JsonNode added = runtime.ours("ADD", pod).answer();
        assertThat(added.path("code").asInt())
                .as("its address has an owner who lives")
                .isEqualTo(11);

        pod.container = first;
        runtime.ours("DEL", pod).ok();
        pod.container = "b" + first.substring(1);
        runtime.ours("ADD", pod).ok();
        pod.container = first;
        runtime.ours("DEL", pod).ok();

        assertThat(networks()).hasSize(1);
        assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
    }

    @Test
    void whatNoRuntimeKnowsIsCollected() {
        chain(Primary.PTP, ",\"org\":\"acme\"");
        Pod known = pod();
        Pod forgotten = pod();
        runtime.add(known).ok();
        runtime.add(forgotten).ok();
        assertThat(networks()).hasSize(2);

        runtime.collect(List.of(known)).ok();

        assertThat(networks()).hasSize(1);
        assertThat(known.dig("www.example.com")).contains("93.184.216.35");
        hasNoWayOut(forgotten);
        ContainerRuntime.Outcome without = runtime.ours("GC", known);
        assertThat(without.code()).as("no list is not an empty list").isEqualTo(7);
        assertThat(networks()).hasSize(1);
    }

    @Test
    void fiftyPodsAtOnce() {
        chain(Primary.PTP, ",\"org\":\"acme\",\"timeoutSeconds\":60");
        List<Pod> many = IntStream.range(0, 50).mapToObj(_ -> pod()).toList();

        long begin = System.nanoTime();
        List<CompletableFuture<Outcome>> started =
                many.stream()
                        .map(pod ->
                                CompletableFuture.supplyAsync(
                                        () -> runtime.add(pod), Thread::startVirtualThread))
                        .toList();
        List<Outcome> outcomes = started.stream().map(CompletableFuture::join).toList();
        Duration all = Duration.ofNanos(System.nanoTime() - begin);

        assertThat(outcomes).allMatch(outcome -> outcome.exit() == 0);
        System.out.printf(
                "50 pods at once: %d ms in all, our plugin %d ms the slowest, %d ms the median%n",
                all.toMillis(),
                outcomes.stream().mapToLong(each -> each.took().toMillis()).max().orElse(0),
                outcomes.stream().mapToLong(each -> each.took().toMillis()).sorted().toArray()[25]);
        assertThat(networks()).hasSize(50);
        assertThat(gate.sessions()).hasSize(50);
        for (Pod pod : List.of(many.getFirst(), many.getLast())) {
            assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
        }
        hasNoWayOut(many.get(25));
    }
}
