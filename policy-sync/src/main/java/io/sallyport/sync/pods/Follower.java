package io.sallyport.sync.pods;

import io.sallyport.sync.cluster.Cluster;
import io.sallyport.sync.cluster.Cluster.Change;
import io.sallyport.sync.cluster.Cluster.Expired;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.session.Sessions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the pods of this node and watches them from there on; lists again when the watch is lost.
 * On a thread of its own, until it is told to stop.
 */
final class Follower implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** Is told what has come of the pods. */
    interface Told {
        /**
         * All pods that are there.
         *
         * @param before networks that there were before the list was asked for
         */
        void listed(List<Cluster.Pod> pods, List<Network> before);

        void changed(Change change);
    }

    private final Cluster cluster;
    private final String node;
    private final Sessions sessions;
    private final Told told;
    private final AtomicLong lists = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile long heard = System.nanoTime();
    private volatile boolean following;
    private volatile boolean stopped;
    private String problem = "";

    Follower(Cluster cluster, String node, Sessions sessions, Told told) {
        this.cluster = cluster;
        this.node = node;
        this.sessions = sessions;
        this.told = told;
    }

    @Override
    public void run() {
        Duration pause = PAUSE;
        while (!stopped) {
            try {
                String version = list();
                pause = PAUSE;
                while (!stopped) {
                    version = watch(version);
                }
            } catch (Expired e) {
                LOG.info("the watch of pods is behind; listing them again");
            } catch (IOException e) {
                failed(String.valueOf(e.getMessage()));
                pause = rest(pause);
                continue;
            } catch (RuntimeException e) {
                // A watch that ends without a word would leave every later pod without a session.
                LOG.error("pods are not followed", e);
                failed(e.toString());
                pause = rest(pause);
                continue;
            }
            var _ = rest(PAUSE);
        }
    }

    private String watch(String version) throws IOException, Expired {
        long begin = System.nanoTime();
        String next = cluster.watch(node, version, this::changed);
        heard();
        if (System.nanoTime() - begin < PAUSE.toNanos()) {
            var _ = rest(PAUSE); // a server that ends each watch at once is not asked in a circle
        }
        return next;
    }

    private String list() throws IOException {
        List<Network> before = sessions.list();
        Cluster.Pods listed = cluster.pods(node);
        if (listed.pods().isEmpty()) {
            // To end every session for a wrong name would be a high price.
            throw new IOException(
                    cluster.name()
                            + " lists no pod on node "
                            + node
                            + ", not even this one: is --node-name what the cluster calls it?");
        }
        lists.incrementAndGet();
        heard();
        if (!following) {
            LOG.info("following the pods of node {}: {}", node, listed.pods().size());
        }
        following = true;
        problem = "";
        told.listed(listed.pods(), before);
        return listed.version();
    }

    private void changed(Change change) {
        heard();
        told.changed(change);
    }

    private void heard() {
        heard = System.nanoTime();
    }

    private void failed(String sentence) {
        if (stopped) {
            return;
        }
        failures.incrementAndGet();
        following = false;
        if (!sentence.equals(problem)) {
            LOG.warn("pods of this node are not followed, new ones wait: {}", sentence);
        }
        problem = sentence;
    }

    /** As long again the next time, and never all nodes at once. */
    private static Duration rest(Duration pause) {
        try {
            long millis = pause.toMillis();
            Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Duration next = pause.multipliedBy(2);
        return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    }

    /** Whoever says so interrupts its thread too. */
    void stop() {
        stopped = true;
    }

    boolean following() {
        return following;
    }

    long age() {
        return Duration.ofNanos(System.nanoTime() - heard).toSeconds();
    }

    long lists() {
        return lists.get();
    }

    long failures() {
        return failures.get();
    }
}
