package io.sallyport.sync.pods;

import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.cluster.Cluster;
import io.sallyport.sync.cluster.Cluster.Change;
import io.sallyport.sync.cluster.Cluster.Pod;
import io.sallyport.sync.cni.Cni;
import io.sallyport.sync.event.EventLog;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.source.PolicySource;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pods of one node and their sessions. */
public final class Pods implements Cni.Birth, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pods.class);

    /** Of what the runtime waits: the rest is for the session. */
    private static final Duration SIGHT = Duration.ofSeconds(3);

    /**
     * @param api the cluster's
     * @param node what the cluster calls this node
     * @param keys where pods say whose they are
     * @param taint whether sandboxes are kept away while it is not ready
     */
    public record Config(Uplink.Config api, String node, Claim.Keys keys, boolean taint) {
        public Config {
            var _ = Pods.node(node);
        }

        /** The labels and annotations that matter here. */
        public Set<String> texts() {
            Set<String> texts = new HashSet<>(keys.org());
            texts.addAll(keys.agent());
            texts.add(Claim.SESSION);
            return texts;
        }
    }

    /** RFC 1123: a subdomain. */
    private static final Pattern NODE = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

    private final Sightings sightings = new Sightings();
    private final AtomicLong ended = new AtomicLong();
    private final Sessions sessions;
    private final Binder binder;
    private final Follower follower;
    private final Settling settling;
    private final Thread following;

    private Pods(Config config, Cluster cluster, Sessions sessions, EventLog events) {
        this.sessions = sessions;
        this.binder = new Binder(sessions, events, config.keys());
        this.settling = new Settling(sessions, sightings, binder);
        this.follower = new Follower(cluster, config.node(), sessions, new Heard());
        this.following = Thread.ofPlatform().name("pods").daemon().unstarted(follower);
    }

    /**
     * Follows the pods of a node until it is closed; but for those that are born, nothing begins or
     * ends before {@link #resume}.
     */
    public static Pods follow(Config config, Cluster cluster, Sessions sessions, EventLog events) {
        Pods pods = new Pods(config, cluster, sessions, events);
        pods.following.start();
        return pods;
    }

    @Override
    public Cni.Start awaited(Network network, Network.Pod pod, Duration patience)
            throws Cni.Refused, IOException {
        String uid = pod.uid();
        if (uid == null) {
            throw new Cni.Refused(
                    "the runtime does not tell the pod's uid (K8S_POD_UID), by which it is known;"
                            + " use one that does");
        }
        Optional<Pod> seen = sight(uid, patience);
        if (seen.isEmpty()) {
            LOG.warn(
                    "pod {}/{} waits, everything denied: the cluster did not tell of it",
                    pod.namespace(),
                    pod.name());
            return () -> {};
        }
        if (!seen.get().namespace().equals(pod.namespace())
                || !seen.get().name().equals(pod.name())) {
            throw new Cni.Refused("runtime and cluster do not call the pod of this uid the same");
        }
        return () -> settle(network, seen.get());
    }

    private void settle(Network network, Pod pod) throws Cni.Refused, IOException {
        try {
            binder.settle(network, pod);
        } catch (PolicySource.Refused | Rejected e) {
            Cni.Refused refused = new Cni.Refused(String.valueOf(e.getMessage()));
            refused.initCause(e);
            throw refused;
        }
    }

    private Optional<Pod> sight(String uid, Duration patience) throws IOException {
        try {
            Duration half = patience.dividedBy(2);
            return sightings.await(uid, half.compareTo(SIGHT) < 0 ? half : SIGHT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the node stops", e);
        }
    }

    /** What the follower hears. */
    private final class Heard implements Follower.Told {
        @Override
        public void listed(List<Pod> pods, List<Network> before) {
            Set<String> there = new HashSet<>();
            pods.forEach(pod -> there.add(pod.uid()));
            sightings.replace(pods);
            for (Network network : before) {
                String uid = uid(network);
                if (uid != null && !there.contains(uid)) {
                    end(network);
                }
            }
            settling.look();
        }

        @Override
        public void changed(Change change) {
            switch (change) {
                case Change.Seen(Pod pod) -> {
                    sightings.seen(pod);
                    settling.look();
                }
                case Change.Gone(Pod pod) -> {
                    sightings.gone(pod.uid());
                    sessions.list().stream()
                            .filter(network -> pod.uid().equals(uid(network)))
                            .forEach(this::end);
                }
                case Change.Nothing() -> {}
            }
        }

        private void end(Network network) {
            LOG.info("network={} ends: its pod is gone", network.id());
            ended.incrementAndGet();
            settling.end(network.id());
        }
    }

    /** What a cluster can call a node. */
    public static String node(String name) {
        if (!NODE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\""
                            + name
                            + "\" cannot be the name of a node of a cluster; kubectl get nodes lists them");
        }
        return name;
    }

    static @Nullable String uid(Network network) {
        Network.Pod pod = network.pod();
        return pod == null ? null : pod.uid();
    }

    /** Counters and gauges by metric name, all of them from the start. */
    public Map<String, Long> counters() {
        return Map.of(
                "sallyport_kubernetes_following", follower.following() ? 1L : 0L,
                "sallyport_kubernetes_watch_age_seconds", follower.age(),
                "sallyport_kubernetes_lists_total", follower.lists(),
                "sallyport_kubernetes_watch_failures_total", follower.failures(),
                "sallyport_kubernetes_pods", (long) sightings.count(),
                "sallyport_kubernetes_pods_waiting", settling.waiting(),
                "sallyport_kubernetes_pods_ended_total", ended.get(),
                "sallyport_kubernetes_pods_refused_total", binder.refused(),
                "sallyport_kubernetes_org_changes_refused_total", binder.changed());
    }

    /** Begins and ends nothing, until {@link #resume}. What is under way is over on return. */
    public void rest() {
        settling.rest();
    }

    public void resume() {
        settling.resume();
    }

    @Override
    public void close() {
        follower.stop();
        following.interrupt();
        settling.close();
    }
}
