package io.sallyport.sync.taint;

import io.sallyport.sync.cluster.Cluster;
import io.sallyport.sync.cluster.Cluster.Node;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Takes the taint of one node away when it is ready, and puts it back when it is not. */
public final class Taint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Taint.class);

    private static final String KEY = "sallyport.io/not-ready";
    private static final String EFFECT = "NoSchedule";

    private static final long PERIOD_MILLIS = 1_000;

    /** Rules that others flushed are back within seconds, and an upstream after a lost query. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Others may change it too: whoever registers the node anew. */
    private static final long LOOK_NANOS = Duration.ofSeconds(60).toNanos();

    private static final long FIRST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();

    /** Who shuts the node down does not wait for a cluster that is silent. */
    private static final Duration LAST = Duration.ofSeconds(3);

    /** Kubelet and controllers write to the node too. */
    private static final int TRIES = 5;

    private final Cluster cluster;
    private final String node;
    private final Supplier<List<String>> faults;
    private final long patience;
    private final AtomicLong turns = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong changes = new AtomicLong();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("taint").daemon().factory());

    // Of the timer's thread.
    private long readyAt = System.nanoTime();
    private long notBefore = System.nanoTime();
    private long pause;
    private String problem = "";

    private volatile boolean there;
    private volatile boolean known;
    private volatile boolean resting = true;

    private Taint(Cluster cluster, String node, Supplier<List<String>> faults, Duration patience) {
        this.cluster = cluster;
        this.node = node;
        this.faults = faults;
        this.patience = patience.toNanos();
    }

    /**
     * Keeps the taint of a node right from {@link #resume} on until it is closed; then it is put
     * there.
     *
     * @param faults what keeps the node from being ready; empty when it is
     */
    public static Taint keep(Cluster cluster, String node, Supplier<List<String>> faults) {
        return keep(cluster, node, faults, PATIENCE);
    }

    /**
     * @param patience before a node that is not ready gets the taint back
     */
    static Taint keep(
            Cluster cluster, String node, Supplier<List<String>> faults, Duration patience) {
        Taint taint = new Taint(cluster, node, faults, patience);
        var _ =
                taint.timer.scheduleWithFixedDelay(
                        taint::turn, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        return taint;
    }

    private void turn() {
        turns.incrementAndGet();
        if (resting) {
            return;
        }
        try {
            long now = System.nanoTime();
            boolean ready = faults.get().isEmpty();
            if (ready) {
                readyAt = now;
            }
            boolean wanted = !ready && now - readyAt >= patience;
            boolean due = (known && wanted != there) || now - notBefore >= 0;
            // Neither ready nor long enough not ready: as it is.
            if ((ready || wanted) && due) {
                make(wanted);
                notBefore = System.nanoTime() + LOOK_NANOS;
            }
        } catch (IOException e) {
            failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            failed(e.toString());
        }
    }

    private void failed(String sentence) {
        failures.incrementAndGet();
        pause = Math.clamp(2 * pause, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
        notBefore = System.nanoTime() + pause;
        known = false;
        if (!sentence.equals(problem)) {
            LOG.warn("the taint {} of node {} cannot be kept: {}", KEY, node, sentence);
        }
        problem = sentence;
    }

    private void make(boolean wanted) throws IOException {
        for (int tried = 1; ; tried++) {
            Node seen = cluster.node(node);
            ArrayNode taints = without(seen.taints());
            boolean tainted = taints.size() < seen.taints().size();
            if (wanted) {
                taints.addObject().put("key", KEY).put("effect", EFFECT);
            }
            if (tainted == wanted || cluster.taint(seen, taints)) {
                made(wanted, tainted != wanted);
                return;
            }
            if (tried == TRIES) {
                throw new IOException("node " + node + " changes all the while; trying again");
            }
        }
    }

    private void made(boolean wanted, boolean changed) {
        there = wanted;
        known = true;
        pause = 0;
        problem = "";
        if (changed) {
            changes.incrementAndGet();
            LOG.info("taint {} of node {}: {}", KEY, node, wanted ? "put there" : "taken away");
        }
    }

    private static ArrayNode without(ArrayNode taints) {
        ArrayNode others = taints.arrayNode();
        for (JsonNode taint : taints) {
            if (!isOurs(taint)) {
                others.add(taint);
            }
        }
        return others;
    }

    private static boolean isOurs(JsonNode taint) {
        return taint.path("key").asString("").equals(KEY)
                && taint.path("effect").asString("").equals(EFFECT);
    }

    /** Counters and gauges by metric name, all of them from the start. */
    public Map<String, Long> counters() {
        return Map.of(
                "sallyport_kubernetes_tainted", known && !there ? 0L : 1L,
                "sallyport_kubernetes_taint_changes_total", changes.get(),
                "sallyport_kubernetes_taint_failures_total", failures.get());
    }

    /** Looks at the node's readiness so far. */
    long turns() {
        return turns.get();
    }

    /** Another process has the node from now on. What is under way is over on return. */
    public void rest() {
        resting = true;
        awaitTurn();
    }

    public void resume() {
        resting = false;
    }

    private void awaitTurn() {
        try {
            var _ = timer.submit(() -> {}).get(LAST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the taint of node {} is being changed still", node);
        }
    }

    /** Nobody guards the node's sandboxes from now on, unless somebody took over. */
    @Override
    public void close() {
        if (!resting) {
            resting = true;
            timer.execute(this::last);
            awaitTurn();
        }
        timer.shutdownNow();
    }

    private void last() {
        try {
            make(true);
        } catch (IOException | RuntimeException e) {
            failed(String.valueOf(e.getMessage()));
        }
    }
}
