package io.sallyport.sync.taint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.sallyport.sync.cluster.Cluster;
import io.sallyport.sync.cluster.MockApi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaintTest {
    private static final String OURS = "sallyport.io/not-ready:NoSchedule";
    private static final String OTHER = "dedicated:NoSchedule";
    private static final String NEIGHBOUR = "sallyport.io/not-ready:NoExecute";
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration NEVER = Duration.ofDays(1);
    private static final long PATIENCE_SECONDS = 30;

    private volatile List<String> faults = List.of("rules are flushed");

    @TempDir private Path directory;

    @SuppressWarnings("NullAway.Init") // before each test
    private MockApi api;

    @SuppressWarnings("NullAway.Init") // before each test
    private Cluster cluster;

    @BeforeEach
    void open() throws Exception {
        api = MockApi.start(directory);
        cluster = Cluster.open(api.config(), Set.of());
    }

    @AfterEach
    void close() {
        cluster.close();
        api.close();
    }

    private void node(String... taints) {
        NodeBuilder node = new NodeBuilder().withNewMetadata().withName(MockApi.NODE).endMetadata();
        node = node.withNewSpec().endSpec();
        for (String taint : taints) {
            String[] parts = taint.split(":", -1);
            node = node.editSpec().addNewTaint(parts[1], parts[0], null, null).endSpec();
        }
        api.client().resource(node.build()).create();
    }

    private List<String> taints() {
        Node node = api.client().nodes().withName(MockApi.NODE).get();
        return node.getSpec().getTaints().stream()
                .map(taint -> taint.getKey() + ":" + taint.getEffect())
                .toList();
    }

    private static long counter(Taint taint, String name) {
        return taint.counters().getOrDefault("sallyport_kubernetes_" + name, -1L);
    }

    private Taint keep(Duration patience) {
        Taint taint = Taint.keep(cluster, MockApi.NODE, () -> faults, patience);
        taint.resume();
        return taint;
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(20);
        }
    }

    @Test
    void goesWhenReadyComesWhenNotAndLeavesOthersAlone() throws Exception {
        node(OTHER, OURS, NEIGHBOUR);
        try (Taint taint = keep(AT_ONCE)) {
            await("not ready", () -> counter(taint, "tainted") == 1);
            assertThat(taints()).containsExactly(OTHER, OURS, NEIGHBOUR);
            faults = List.of();
            await("ready", () -> taints().equals(List.of(OTHER, NEIGHBOUR)));
            faults = List.of("rules are flushed");
            await("not ready", () -> taints().equals(List.of(OTHER, NEIGHBOUR, OURS)));
            faults = List.of();
            await("ready", () -> taints().equals(List.of(OTHER, NEIGHBOUR)));
        }
        assertThat(taints()).as("nobody guards").containsExactly(OTHER, NEIGHBOUR, OURS);
    }

    @Test
    void staysWhileTheNodeIsNotReadyYet() throws Exception {
        node(OURS);
        try (Taint taint = keep(NEVER)) {
            await("a turn", () -> taint.turns() > 1);
            assertThat(taints()).containsExactly(OURS);
            assertThat(taint.counters()).containsEntry("sallyport_kubernetes_tainted", 1L);
        }
    }

    @Test
    void isNotPutByWhoHasHandedOver() throws Exception {
        node();
        faults = List.of();
        try (Taint taint = keep(AT_ONCE)) {
            await("ready", () -> counter(taint, "tainted") == 0);
            taint.rest();
        }
        assertThat(taints()).isEmpty();
    }

    @Test
    void clusterThatDoesNotKnowTheNodeIsCountedAndStopsNothing() throws Exception {
        faults = List.of();
        try (Taint taint = keep(AT_ONCE)) {
            await("told", () -> counter(taint, "taint_failures_total") > 0);
            node(OURS);
            await("found", () -> taints().isEmpty());
        }
        assertThat(taints()).containsExactly(OURS);
    }

    @Test
    void nodeThatChangedMeanwhileIsNotTouched() throws Exception {
        node(OURS);
        Cluster.Node seen = cluster.node(MockApi.NODE);
        api.client()
                .nodes()
                .withName(MockApi.NODE)
                .edit(node ->
                        new NodeBuilder(node)
                                .editSpec()
                                .addNewTaint("NoSchedule", "dedicated", null, null)
                                .endSpec()
                                .build());

        assertThat(cluster.taint(seen, seen.taints().arrayNode())).isFalse();
        assertThat(taints()).containsExactly(OURS, OTHER);
    }
}
