package io.sallyport.sync.report;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.session.Sessions.Decided;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports each second and does what the answer says. Closing it tells what is left, once. */
public final class Reports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    /** Rows of one report: 500 kB at most, within what a control server reads. */
    static final int MOST_DECISIONS = 2000;

    /** An order is in force within two seconds: one until it is heard, and time to do it. */
    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** A control server that is down is not asked each second by every node of a fleet. */
    private static final int MOST_PERIODS_BETWEEN = 4;

    /** A settings service that serves policies alone is asked again once a minute. */
    private static final int PERIODS_WITHOUT_REPORTS = 59;

    /** Whoever takes over reads what is kept, and gives up sooner if a disk hangs. */
    private static final Duration HANDOVER = Duration.ofMinutes(1);

    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,62})");

    /** Whoever is reported to. Called by one thread. */
    public interface Control extends AutoCloseable {
        /**
         * @throws IOException if it was not taken; it comes again
         */
        Orders report(Report report) throws IOException;

        @Override
        default void close() {}
    }

    /** Nobody takes reports there. */
    public static final class NoReports extends IOException {
        private static final long serialVersionUID = 1L;

        public NoReports(String message) {
            super(message);
        }
    }

    /** What was reported is not understood there, and would not be the next time either. */
    public static final class NotUnderstood extends IOException {
        private static final long serialVersionUID = 1L;

        public NotUnderstood(String message) {
            super(message);
        }

        public NotUnderstood(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * A session that has not ended.
     *
     * @param state {@code bound}, or {@code closed} where its rules are not in force
     */
    public record Running(Session session, String state) {}

    /**
     * What a node tells.
     *
     * @param sessions all that run: one whose end was ordered is acknowledged by being gone
     * @param decisions new since the last report that was taken
     * @param emergencyVersion of the denials in force; 0 for none
     */
    public record Report(List<Running> sessions, List<Decided> decisions, long emergencyVersion) {
        public Report {
            sessions = List.copyOf(sessions);
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * What a node is to do.
     *
     * @param end sessions
     * @param emergency all denials there are now; empty where nothing changed
     */
    public record Orders(List<String> end, Optional<Emergencies> emergency) {
        /** More than a host has sessions; what is over is ordered again. */
        public static final int MOST_ENDS = 4096;

        public Orders {
            end = end.stream().limit(MOST_ENDS).toList();
        }
    }

    private final Control control;
    private final Sessions sessions;
    private final Keeping keeping;
    private final Ledger ledger = new Ledger();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("report").daemon().factory());
    private final ExecutorService ends =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("ends").factory());
    private final AtomicBoolean ending = new AtomicBoolean();
    private int failures;
    private int toSkip;
    private volatile long toldStrangers;
    private long emergencyVersion;
    private Emergencies told = Emergencies.NONE;
    private String problem = "";
    private volatile boolean resting;

    private Reports(Control control, Sessions sessions, Path keptAt) {
        this.control = control;
        this.sessions = sessions;
        this.keeping = new Keeping(keptAt);
        this.emergencyVersion = sessions.emergencies().version();
    }

    /** A control server. */
    public static Control http(Uplink uplink, String node) {
        return new HttpControl(uplink, node);
    }

    /** A node's name as a path can have it. */
    public static String node(String name) {
        if (!NODE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "node name \""
                            + name
                            + "\": 1 to 63 letters, digits and . _ -, a letter or digit first");
        }
        return name;
    }

    /**
     * @param keptAt where emergency denials are kept for the next start
     */
    public static Reports start(Control control, Sessions sessions, Path keptAt) {
        Reports reports = new Reports(control, sessions, keptAt);
        var _ =
                reports.timer.scheduleWithFixedDelay(
                        enduring(reports::tick, reports.failed),
                        0,
                        PERIOD.toMillis(),
                        TimeUnit.MILLISECONDS);
        return reports;
    }

    /** Counters since the start by metric name. */
    public Map<String, Long> counters() {
        return counters(taken.get(), failed.get(), lost.get());
    }

    /** The counters of whom nobody reports to. */
    public static Map<String, Long> none() {
        return counters(0, 0, 0);
    }

    private static Map<String, Long> counters(long taken, long failed, long lost) {
        return Map.of(
                "sallyport_reports_total{result=\"ok\"}", taken,
                "sallyport_reports_total{result=\"failed\"}", failed,
                "sallyport_report_decisions_dropped_total", lost);
    }

    /** Neither tells nor obeys, until {@link #resume}. What is under way is over on return. */
    public void rest() {
        resting = true;
        try {
            timer.submit(() -> keeping.await(HANDOVER)).get();
            ends.submit(() -> {}).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing throws nothing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void resume() {
        resting = false;
    }

    private void tick() {
        if (resting) {
            return;
        }
        if (toSkip > 0) {
            toSkip--;
            return;
        }
        try {
            Orders orders = report();
            told("");
            failures = 0;
            obey(orders);
        } catch (IOException e) {
            failed.incrementAndGet();
            // One that took reports before is only restarted, or its proxy is.
            toSkip =
                    e instanceof NoReports && taken.get() == 0
                            ? PERIODS_WITHOUT_REPORTS
                            : Math.min(failures++, MOST_PERIODS_BETWEEN - 1);
            told(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The timer would drop work that throws, and with it every further report and order. Memory
     * that one answer took is there again for the next.
     */
    static Runnable enduring(Runnable work, AtomicLong failed) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                failed.incrementAndGet();
                LOG.error("a report failed by a fault of this program", e);
            }
        };
    }

    /** Logged once a change, not each second. */
    private void told(String now) {
        if (!now.equals(problem)) {
            if (now.isEmpty()) {
                LOG.info("reports are taken again");
            } else {
                LOG.warn("a report was not taken: {}", now);
            }
            problem = now;
        }
    }

    private Orders report() throws IOException {
        ledger.add(sessions.decisions());
        lost.set(ledger.lost());
        List<Decided> decisions = ledger.take(MOST_DECISIONS);
        try {
            Orders orders = control.report(new Report(running(), decisions, emergencyVersion));
            taken.incrementAndGet();
            return orders;
        } catch (NotUnderstood e) {
            // Told again, it would hold up every order for as long as this node runs.
            ledger.lose(decisions);
            lost.set(ledger.lost());
            throw e;
        } catch (IOException | RuntimeException e) {
            ledger.add(decisions);
            throw e;
        }
    }

    private List<Running> running() {
        List<Running> running = new ArrayList<>();
        for (Network network : sessions.list()) {
            Session session = network.session();
            if (session != null) {
                running.add(new Running(session, network.state()));
            }
        }
        return running;
    }

    private void obey(Orders orders) {
        try {
            orders.emergency()
                    .filter(list -> list.version() != emergencyVersion)
                    .ifPresent(this::deny);
            keeping.again();
        } finally {
            end(orders.end());
        }
    }

    /**
     * Beside the reports, so that a thousand ends hold up no emergency denial; they are ordered
     * again until all are done.
     */
    private void end(List<String> ordered) {
        if (!ordered.isEmpty() && ending.compareAndSet(false, true)) {
            ends.execute(() -> {
                try {
                    endAll(ordered);
                } finally {
                    ending.set(false);
                }
            });
        }
    }

    /**
     * Those that are not there, ended or never begun, are counted: a line each would be a flood.
     */
    private void endAll(List<String> ordered) {
        long strangers = sessions.endAll(ordered);
        if (strangers > 0 && strangers != toldStrangers) {
            LOG.info("sessions={} were to end and are not there", strangers);
        }
        toldStrangers = strangers;
    }

    /** Acknowledged only when all of it is in force. */
    private void deny(Emergencies list) {
        keeping.keep(list);
        try {
            sessions.deny(list);
            tell(list);
            if (list.problems().isEmpty()) {
                emergencyVersion = list.version();
            }
        } catch (FirewallException e) {
            LOG.error("emergency denials version={}: {}", list.version(), e.getMessage());
        }
    }

    /** Once for each list, though one with problems comes each second until it is mended. */
    private void tell(Emergencies list) {
        if (!list.equals(told)) {
            told = list;
            LOG.warn(
                    "emergency denials version={} in force: {}",
                    list.version(),
                    list.denied().size());
            list.problems().forEach(each -> LOG.error("emergency denial: {}", each));
        }
    }

    @Override
    public void close() {
        timer.close();
        ends.close();
        try {
            var _ = report();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the last report was not taken: {}", e.getMessage());
        }
        control.close();
    }
}
