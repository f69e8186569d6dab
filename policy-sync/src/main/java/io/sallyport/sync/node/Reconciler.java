package io.sallyport.sync.node;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.sync.api.NodeApi;
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

    /** Repaired within 5 s of a flush, at the cost of listing the tables every other second. */
    private static final long PERIOD_SECONDS = 2;

    private final Firewall firewall;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("reconcile").daemon().factory());
    private final AtomicLong repairs = new AtomicLong();
    private volatile boolean resting;
    private volatile List<String> faults = List.of("the rules were not verified yet");

    private Reconciler(Firewall firewall) {
        this.firewall = firewall;
    }

    static Reconciler start(Firewall firewall) {
        Reconciler reconciler = new Reconciler(firewall);
        reconciler.look();
        var _ =
                reconciler.timer.scheduleWithFixedDelay(
                        reconciler::look, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
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

    private void look() {
        if (resting) {
            return;
        }
        try {
            List<String> found = firewall.faults();
            report(found, "rules changed by someone else, repairing");
            if (!found.isEmpty()) {
                firewall.repair();
                repairs.incrementAndGet();
                report(firewall.faults(), "rules are not as they should be after a repair");
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
