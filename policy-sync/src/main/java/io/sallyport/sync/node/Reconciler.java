package io.sallyport.sync.node;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.sync.api.NodeApi;
import io.sallyport.sync.event.EventLog;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the kernel's rules with what should be there, again and again, and puts back what is
 * missing.
 */
final class Reconciler implements NodeApi.Rules, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    /** The kernel is asked so often whether anyone changed rules: a question of microseconds. */
    private static final long PERIOD_MILLIS = 250;

    /** Sets tell of no change, and neither do rules of the older kind: every so many turns. */
    private static final int TURNS_TO_A_LOOK = 8;

    /**
     * On a host where others change their own rules all the while, looks would follow upon looks:
     * reading the rules of 1,000 networks takes half a second of CPU.
     */
    private static final int LOOK_PAUSES = 4;

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Firewall firewall;
    private final EventLog events;
    private int turn;
    private long quietUntil = System.nanoTime();

    /** Faults that stay are an event once. */
    private List<String> told = List.of();

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("reconcile").daemon().factory());
    private final AtomicLong repairs = new AtomicLong();
    private volatile boolean resting;
    private volatile List<String> faults = List.of("the rules were not verified yet");

    private Reconciler(Firewall firewall, EventLog events) {
        this.firewall = firewall;
        this.events = events;
    }

    static Reconciler start(Firewall firewall, EventLog events) {
        Reconciler reconciler = new Reconciler(firewall, events);
        reconciler.look();
        var _ =
                reconciler.timer.scheduleWithFixedDelay(
                        reconciler::turn, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        return reconciler;
    }

    @Override
    public List<String> faults() {
        return faults;
    }

    @Override
    public long repairs() {
        return repairs.get();
    }

    /** Looks no more, until {@link #resume}. What is under way is over on return. */
    void rest() {
        resting = true;
        try {
            timer.submit(() -> {}).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing throws nothing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void resume() {
        resting = false;
    }

    private void turn() {
        if (resting) {
            return;
        }
        try {
            turn = (turn + 1) % TURNS_TO_A_LOOK;
            if (turn == 0 || (System.nanoTime() - quietUntil > 0 && firewall.touched())) {
                long begin = System.nanoTime();
                look();
                long took = System.nanoTime() - begin;
                quietUntil = begin + took + Math.min(LOOK_PAUSES * took, LONGEST_PAUSE_NANOS);
            }
        } catch (RuntimeException e) {
            report(List.of(String.valueOf(e.getMessage())), "the rules could not be verified");
        }
    }

    private void look() {
        try {
            List<String> found = firewall.faults();
            report(found, "rules changed by someone else, repairing");
            if (!found.isEmpty()) {
                repair(found);
            }
        } catch (RuntimeException e) {
            report(List.of(String.valueOf(e.getMessage())), "the rules could not be verified");
        } catch (Error e) {
            // The timer would drop it, and with it every further look: nobody is to believe
            // "ready".
            report(List.of(e.toString()), "the rules are not verified any more");
            throw e;
        }
    }

    private void repair(List<String> found) {
        long begin = System.nanoTime();
        List<String> left = found;
        try {
            firewall.repair();
            left = firewall.faults();
        } finally {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            boolean repaired = left.isEmpty();
            if (repaired || !found.equals(told)) {
                events.rulesChanged(repaired, found, millis);
                told = repaired ? List.of() : found;
            }
        }
        repairs.incrementAndGet();
        report(left, "rules are not as they should be after a repair");
        if (left.isEmpty()) {
            LOG.warn("rules repaired faults={}", found.size());
        }
    }

    /** Logged once a change, not every time. */
    private void report(List<String> found, String what) {
        if (!found.isEmpty() && !found.equals(faults)) {
            LOG.error("{}: {}", what, String.join("; ", found));
        }
        faults = List.copyOf(found);
    }

    /** Waits for a look that is under way: half a repair would be left otherwise. */
    @Override
    public void close() {
        timer.close();
    }
}
