package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.runtime.ContainerRuntime;
import io.sallyport.sync.runtime.ContainerRuntime.Outcome;
import io.sallyport.sync.runtime.ContainerRuntime.Pod;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Pods by the real chain: Debian's bridge or ptp with host-local, our plugin, a real node. */
@Needs({"/usr/lib/cni/bridge", "cc", "nsd", "curl", "dig", "tcpdump", "unshare", "ping", "setpriv"})
class CniTest {
    private static final String NOT_READY = "EDE: 14 (Not Ready)";

    @TempDir static Path directory;

    private static PodHost host;
    private static Gate gate;
    private static ContainerRuntime runtime;
    private final List<Pod> pods = new ArrayList<>();

    @BeforeAll
    static void open() throws IOException {
        host = PodHost.open(directory);
        gate = host.gate();
        runtime = host.runtime();
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
        Gate.await("every pod's network has gone with it", () -> host.networks().isEmpty());
        host.forgetChain();
    }

    private Pod pod() {
        Pod pod = new Pod();
        pods.add(pod);
        return pod;
    }

    /** The world is open without us, or no test here could fail. */
    @Test
    void hasEveryWayOutWhereNobodyGuardsIt() {
        try (World open = World.start()) {
            Pod pod = pod();
            ContainerRuntime unguarded =
                    new ContainerRuntime(
                            open.host(), directory.resolve("net.d"), directory.resolve("bin"));
            host.write(PodHost.Primary.BRIDGE, "");
            unguarded.add(pod).ok();

            assertThat(pod.reaches("http://" + World.PUBLIC4 + "/")).isTrue();
            assertThat(pod.reaches("http://[" + World.PUBLIC6 + "]/")).isTrue();
            assertThat(pod.reaches("http://" + World.METADATA4 + "/")).isTrue();
            assertThat(pod.reaches("http://" + pod.gateway() + ":" + World.HOST_SERVICE)).isTrue();
            assertThat(pod.dig("api.example.com", "@" + World.UPSTREAM4)).contains("93.184.216");
        }
    }

    @ParameterizedTest
    @EnumSource
    void podReachesWhatItsOrgAllowsAndNothingElse(PodHost.Primary primary) {
        host.chain(primary, ",\"org\":\"acme\"");
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
        host.hasNoWayOut(pod);

        runtime.ours("CHECK", pod).ok();
        assertThat(runtime.add(pod).exit()).as("bridge and ptp refuse a second time").isEqualTo(1);
        assertThat(runtime.ours("ADD", pod).ok().path("ips")).hasSize(2);
        assertThat(host.networks()).as("told twice, there once").hasSize(1);

        runtime.ours("DEL", pod).ok();
        assertThat(host.networks()).isEmpty();
        assertThat(runtime.ours("CHECK", pod).code()).isEqualTo(102);
        host.hasNoWayOut(pod, "93.184.216.35", "[2600:1f18:1::35]");
        assertThat(runtime.delete(pod)).allMatch(outcome -> outcome.exit() == 0);
    }

    @Test
    void podWithoutAnOrgIsDeniedEverythingUntilSomebodyStartsItsSession() throws Exception {
        host.chain(PodHost.Primary.PTP, "");
        Pod pod = pod();
        runtime.add(pod).ok();

        assertThat(pod.dig("www.example.com")).contains(NOT_READY);
        host.hasNoWayOut(pod);
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
        host.chain(PodHost.Primary.PTP, ",\"org\":\"nobody\"");
        Pod pod = pod();

        Outcome outcome = runtime.add(pod);

        assertThat(outcome.code()).isEqualTo(101);
        assertThat(outcome.answer().path("msg").asString()).contains("nobody");
        assertThat(host.networks()).isEmpty();
        host.hasNoWayOut(pod);
        assertThat(runtime.delete(pod)).allMatch(each -> each.exit() == 0);
    }

    @Test
    void nodeThatIsDownStartsNoPodAndHoldsNoEndUp() {
        host.chain(PodHost.Primary.PTP, ",\"org\":\"acme\",\"timeoutSeconds\":2");
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
        host.hasNoWayOut(meanwhile);
        assertThat(runtime.status().code()).isEqualTo(51);
        assertThat(runtime.ours("CHECK", kept).code()).isEqualTo(11);
        assertThat(runtime.delete(meanwhile)).allMatch(each -> each.exit() == 0);
        assertThat(runtime.delete(before)).allMatch(each -> each.exit() == 0);
        assertThat(kept.reaches("http://93.184.216.35/")).as("what was pinned stays").isTrue();
        gate.restart();

        assertThat(host.networks()).hasSize(1);
        assertThat(kept.dig("www.example.com")).contains("93.184.216.35");
        runtime.ours("CHECK", kept).ok();
        runtime.status().ok();
        runtime.add(meanwhile).ok();
        assertThat(meanwhile.dig("www.example.com")).contains("93.184.216.35");
        assertThat(runtime.delete(kept)).allMatch(each -> each.exit() == 0);
        assertThat(host.networks()).hasSize(1);
    }

    @Test
    void podsThatAreStartedWhileAnotherProcessTakesOverStart() {
        host.chain(PodHost.Primary.PTP, ",\"org\":\"acme\",\"timeoutSeconds\":60");
        CompletableFuture<Void> over =
                CompletableFuture.runAsync(() -> gate.takeOver(), Thread::startVirtualThread);
        List<Pod> started = new ArrayList<>();
        do {
            Pod pod = pod();
            runtime.add(pod).ok();
            started.add(pod);
        } while (!over.isDone() && started.size() < 40);
        over.join();

        assertThat(host.networks()).hasSize(started.size());
        assertThat(started.getLast().dig("www.example.com")).contains("93.184.216.35");
        assertThat(started.getFirst().dig("www.example.com")).contains("93.184.216.35");
    }

    /** The runtime tells the end of a container after its address has another. */
    @Test
    void endThatIsToldTooLateEndsNothing() {
        host.chain(PodHost.Primary.BRIDGE, ",\"org\":\"acme\"");
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

        assertThat(host.networks()).hasSize(1);
        assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
    }

    @Test
    void whatNoRuntimeKnowsIsCollected() {
        host.chain(PodHost.Primary.PTP, ",\"org\":\"acme\"");
        Pod known = pod();
        Pod forgotten = pod();
        runtime.add(known).ok();
        runtime.add(forgotten).ok();
        assertThat(host.networks()).hasSize(2);

        runtime.collect(List.of(known)).ok();

        assertThat(host.networks()).hasSize(1);
        assertThat(known.dig("www.example.com")).contains("93.184.216.35");
        host.hasNoWayOut(forgotten);
        ContainerRuntime.Outcome without = runtime.ours("GC", known);
        assertThat(without.code()).as("no list is not an empty list").isEqualTo(7);
        assertThat(host.networks()).hasSize(1);
    }

    @Test
    void fiftyPodsAtOnce() {
        host.chain(PodHost.Primary.PTP, ",\"org\":\"acme\",\"timeoutSeconds\":60");
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
        assertThat(host.networks()).hasSize(50);
        assertThat(gate.sessions()).hasSize(50);
        for (Pod pod : List.of(many.getFirst(), many.getLast())) {
            assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
        }
        host.hasNoWayOut(many.get(25));
    }

    /** The primary plugin rewrites its configuration, and a pod starts before anybody notices. */
    @Test
    void podThatIsStartedWithoutUsHasNoWayOutAndTheChainIsPutBack() throws Exception {
        for (PodHost.Primary primary : PodHost.Primary.values()) {
            host.write(primary, "");
            Pod pod = pod();
            runtime.add(pod).ok();
            assertThat(pod.result.path("ips")).hasSize(2);
            host.hasNoWayOut(pod);
        }
        assertThat(gate.metric("sallyport_cni_conf_present")).isZero();

        Process installer = host.installer();
        try {
            Gate.await(
                    "the plugin is in the chain",
                    () -> gate.metric("sallyport_cni_conf_present") == 1);
            assertThat(runtime.chain()).hasSize(2);
            long begin = System.nanoTime();
            host.write(
                    PodHost.Primary.PTP,
                    ",{\"type\":\"portmap\",\"snat\":true,\"depth\":12345678901234567890}");
            Gate.await("the chain is repaired", () -> ours(runtime.chain()));
            System.out.printf(
                    "the chain was put back after %d ms%n",
                    Duration.ofNanos(System.nanoTime() - begin).toMillis());
            assertThat(runtime.chain().get(1).path("depth").toString())
                    .isEqualTo("12345678901234567890");
            Gate.await(
                    "the repair is counted",
                    () -> gate.metric("sallyport_cni_conf_repairs_total") == 1);
            host.write(PodHost.Primary.PTP, "");
            Gate.await("again", () -> gate.metric("sallyport_cni_conf_repairs_total") == 2);
            Pod pod = pod();
            runtime.add(pod).ok();
            assertThat(pod.dig("www.example.com")).contains("93.184.216.35");
            runtime.delete(pod);
        } finally {
            installer.destroy();
            assertThat(installer.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ours(runtime.chain())).as("it stays when the installer goes").isTrue();
    }

    private static boolean ours(List<ObjectNode> chain) {
        return chain.getLast().path("type").asString("").equals("sallyport-cni");
    }

    /** One that was started without us, even: with a neighbour's address, and with all of it. */
    @Test
    void podOfABridgeHearsNothingThatIsForItsNeighbour() {
        host.chain(PodHost.Primary.BRIDGE, ",\"org\":\"acme\"");
        Pod neighbour = pod();
        runtime.add(neighbour).ok();
        Pod other = pod();
        runtime.add(other).ok();
        host.chain(PodHost.Primary.BRIDGE, "");
        Pod thief = pod();
        runtime.add(thief).ok();
        String mac = neighbour.result.path("interfaces").path(2).path("mac").stringValue();

        for (Pod each : List.of(other, thief)) {
            assertThat(reaches(each, neighbour)).isFalse();
            each.netns.address("eth0", neighbour.address(0) + "/24");
            hearsNothingAs(each, neighbour.address(0));
            each.netns.run("ip", "link", "set", "eth0", "address", mac).ok();
            hearsNothingAs(each, neighbour.address(0));
        }
        assertThat(neighbour.dig("www.example.com")).contains("93.184.216.35");
        assertThat(neighbour.reaches("http://93.184.216.35/")).isTrue();
        runtime.delete(neighbour);
        assertThat(gate.world().host().run("ip", "neigh", "show", "dev", "pods0").output())
                .doesNotContain(neighbour.address(0) + " lladdr");
    }

    private static boolean reaches(Pod pod, Pod other) {
        return pod.netns.run("ping", "-c", "1", "-W", "1", other.address(0)).exit() == 0;
    }

    private static void hearsNothingAs(Pod thief, String address) {
        String tries =
                """
                dig -b %1$s @169.254.53.53 www.example.com +tries=1 +time=1 +short &
                curl -s -m 1 --interface %1$s http://93.184.216.35/ &
                wait
                """
                        .formatted(address);
        assertThat(thief.netns.run("sh", "-c", tries).output())
                .doesNotContain("93.184", "internet");
    }
}
