package io.sallyport.sync.pods;

import io.sallyport.sync.cluster.Cluster.Pod;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be done for pods that live already: sessions for those that wait for one, ends of
 * those that are gone. What fails is tried again, less often each time.
 */
final class Settling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);

    /** A start waits for the policy's source, two seconds at the most. */
    private static final int AT_ONCE = 8;

    private static final long PERIOD_MILLIS = 1_000;
    private static final long LAST_SECONDS = 5;
    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /**
     * What failed for a network, and when it is tried again.
     *
     * @param pod as it was then: one that has changed is tried at once
     */
    private record Failed(Pod pod, long pause, long until) {}

    private final Sessions sessions;
    private final Sightings sightings;
    private final Binder binder;
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Set<String> ending = ConcurrentHashMap.newKeySet();
    private final Map<String, Failed> failed = new ConcurrentHashMap<>();
    private final ExecutorService workers =
            Executors.newFixedThreadPool(
                    AT_ONCE, Thread.ofPlatform().name("pod-", 0).daemon().factory());

    /** Who works holds the first, who wants rest the second. */
    private final ReentrantReadWriteLock work = new ReentrantReadWriteLock();

    private final Semaphore asked = new Semaphore(0);
    private final Thread keeper;
    private volatile boolean resting = true;

    Settling(Sessions sessions, Sightings sightings, Binder binder) {
        this.sessions = sessions;
        this.sightings = sightings;
        this.binder = binder;
        this.keeper = Thread.ofPlatform().name("pods-keeper").daemon().start(this::keep);
    }

    /** Soon. */
    void look() {
        asked.release();
    }

    /** Ends what runs on a network, and the network; until it is done. */
    void end(String network) {
        ending.add(network);
        look();
    }

    private void keep() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                var _ = asked.tryAcquire(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
                asked.drainPermits();
                if (!resting) {
                    turn();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.error("pods are not looked after", e);
            }
        }
    }

    private void turn() {
        List<Network> networks = sessions.list();
        Map<String, Network> byId = new HashMap<>();
        networks.forEach(network -> byId.put(network.id(), network));
        failed.keySet().retainAll(byId.keySet());
        binder.forgetAllBut(new HashSet<>(byId.keySet()));
        for (String id : ending) {
            submit(id, () -> remove(id));
        }
        for (Network network : networks) {
            String uid = Pods.uid(network);
            if (uid != null && !ending.contains(network.id())) {
                sightings.get(uid).ifPresent(pod -> look(network, pod));
            }
        }
    }

    private void look(Network network, Pod pod) {
        Session session = network.session();
        if (session != null) {
            binder.compare(network, session, pod);
        } else if (network.kept() && binder.asks(pod) && isDue(network, pod)) {
            submit(network.id(), () -> settle(network.id(), pod));
        }
    }

    private boolean isDue(Network network, Pod pod) {
        Failed before = failed.get(network.id());
        return before == null
                || !before.pod().equals(pod)
                || System.nanoTime() - before.until() > 0;
    }

    private void submit(String id, Runnable task) {
        if (busy.add(id)) {
            workers.execute(() -> {
                work.readLock().lock();
                try {
                    if (!resting) {
                        task.run();
                    }
                } catch (RuntimeException e) {
                    LOG.error("network={} is not settled", id, e);
                } finally {
                    work.readLock().unlock();
                    busy.remove(id);
                }
            });
        }
    }

    private void remove(String id) {
        try {
            var _ = sessions.remove(id);
            ending.remove(id);
        } catch (IOException | RuntimeException e) {
            LOG.warn("network={} of a pod that is gone has not ended yet: {}", id, e.getMessage());
        }
    }

    /** The network as it is now: whoever started meanwhile is not asked again. */
    private void settle(String id, Pod pod) {
        var network = sessions.network(id);
        if (network.isEmpty() || network.get().session() != null || !network.get().kept()) {
            return;
        }
        try {
            binder.settle(network.get(), pod);
            failed.remove(id);
        } catch (PolicySource.Refused e) {
            later(id, pod);
        } catch (Rejected | IOException | RuntimeException e) {
            later(id, pod);
            LOG.warn("pod {} still waits for its session: {}", Binder.name(pod), e.getMessage());
        }
    }

    private void later(String id, Pod pod) {
        Failed before = failed.get(id);
        long pause =
                before == null || !before.pod().equals(pod)
                        ? FIRST_PAUSE_NANOS
                        : Math.min(2 * before.pause(), LONGEST_PAUSE_NANOS);
        failed.put(id, new Failed(pod, pause, System.nanoTime() + pause));
    }

    /** Pods that have no session yet, whether they ask for one or not. */
    long waiting() {
        return sessions.list().stream()
                .filter(Network::kept)
                .filter(network -> Pods.uid(network) != null && network.session() == null)
                .count();
    }

    void rest() {
        work.writeLock().lock();
        try {
            resting = true;
        } finally {
            work.writeLock().unlock();
        }
    }

    void resume() {
        resting = false;
        look();
    }

    @Override
    public void close() {
        keeper.interrupt();
        resting = true;
        workers.shutdown();
        try {
            if (!workers.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("sessions of pods are being started or ended still");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
