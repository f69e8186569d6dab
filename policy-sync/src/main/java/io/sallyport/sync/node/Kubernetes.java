package io.sallyport.sync.node;

import io.sallyport.sync.cluster.Cluster;
import io.sallyport.sync.cni.Cni;
import io.sallyport.sync.event.EventLog;
import io.sallyport.sync.pods.Pods;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.taint.Taint;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What a node does for the cluster that it is one of: its pods' sessions, its own taint. */
final class Kubernetes implements AutoCloseable {
    private final Cluster cluster;
    private final Pods pods;
    private final Optional<Taint> taint;

    private Kubernetes(Cluster cluster, Pods pods, Optional<Taint> taint) {
        this.cluster = cluster;
        this.pods = pods;
        this.taint = taint;
    }

    /**
     * Rests until {@link #resume}: who comes too late to be the node changes nothing.
     *
     * @param faults what keeps sandboxes away; empty when they may come
     */
    static Kubernetes start(
            Pods.Config config, Sessions sessions, EventLog events, Supplier<List<String>> faults)
            throws IOException {
        Cluster cluster = Cluster.open(config.api(), config.texts());
        return new Kubernetes(
                cluster,
                Pods.follow(config, cluster, sessions, events),
                config.taint()
                        ? Optional.of(Taint.keep(cluster, config.node(), faults))
                        : Optional.empty());
    }

    Cni.Birth birth() {
        return pods;
    }

    Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>(pods.counters());
        taint.ifPresent(kept -> counters.putAll(kept.counters()));
        return counters;
    }

    void rest() {
        taint.ifPresent(Taint::rest);
        pods.rest();
    }

    void resume() {
        pods.resume();
        taint.ifPresent(Taint::resume);
    }

    @Override
    public void close() {
        taint.ifPresent(Taint::close);
        pods.close();
        cluster.close();
    }
}
