package io.sallyport.sync.event;

import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes events on a thread of its own. Closing it writes what has come so far. */
public final class EventLog implements Events, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    /** A network has at most eight a minute: a minute of 128 networks at their worst. */
    private static final int WAITING = 1024;

    private static final long LOOK_MILLIS = 500;
    private static final long STOP_MILLIS = 2000;

    /** The line of a repair names so many faults: a flush of everything has thousands. */
    private static final int MOST_FAULTS = 20;

    /** What waits to be written. */
    private sealed interface Told {
        /** Of the resolver. */
        record Happened(Instant at, Event event) implements Told {}

        /** A line that is ready. */
        record Ready(String line) implements Told {}

        /** Wakes the writer, for the last time. */
        record Nothing() implements Told {}
    }

    private final BlockingQueue<Told> waiting = new ArrayBlockingQueue<>(WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final Clock clock;
    private final EventFile file;
    private final Thread writer;
    private volatile boolean closed;

    private EventLog(EventFile file, Clock clock) {
        this.file = file;
        this.clock = clock;
        this.writer = Thread.ofPlatform().name("events").daemon().unstarted(this::write);
    }

    /**
     * @throws IOException if the file cannot be written
     */
    public static EventLog open(Path file) throws IOException {
        return open(new EventFile(file), Clock.systemUTC());
    }

    static EventLog open(EventFile file, Clock clock) throws IOException {
        file.open();
        EventLog log = new EventLog(file, clock);
        log.writer.start();
        return log;
    }

    @Override
    public void happened(Event event) {
        offer(new Told.Happened(clock.instant(), event));
    }

    /**
     * Someone changed this host's rules.
     *
     * @param repaired whether they are as they should be again
     * @param faults what was found, one sentence each
     * @param millis how long it took since they were found
     */
    public void rulesChanged(boolean repaired, List<String> faults, long millis) {
        List<String> first = faults.subList(0, Math.min(MOST_FAULTS, faults.size()));
        offer(
                new Told.Ready(
                        EventV1.rulesChanged(
                                clock.instant(), repaired, first, faults.size(), millis)));
    }

    /** A session ends because nobody was heard of within its lease. */
    public void leaseExpired(String network, String session, String org) {
        offer(new Told.Ready(EventV1.leaseExpired(clock.instant(), network, session, org)));
    }

    /**
     * A pod named an org and does not get its session.
     *
     * @param pod its namespace and name, with a slash
     * @param why a sentence
     */
    public void podRefused(String network, String pod, String org, String why) {
        offer(new Told.Ready(EventV1.podRefused(clock.instant(), network, pod, org, why)));
    }

    /** A pod whose session runs names another org now; the session stays what it is. */
    public void podOrgChanged(String network, String pod, String org, String other) {
        offer(new Told.Ready(EventV1.podOrgChanged(clock.instant(), network, pod, org, other)));
    }

    private void offer(Told told) {
        if (closed || !waiting.offer(told)) {
            lost.incrementAndGet();
        }
    }

    private void write() {
        while (!closed || !waiting.isEmpty()) {
            try {
                Told told = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                tellOfLost();
                if (told != null) {
                    tell(told);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** What cannot be told is lost and counted; what comes behind it is not. */
    private void tell(Told what) {
        boolean told = false;
        try {
            told =
                    switch (what) {
                        case Told.Happened happened -> tell(happened.at(), happened.event());
                        case Told.Ready ready -> append(ready.line());
                        case Told.Nothing _ -> true;
                    };
        } catch (RuntimeException e) {
            LOG.warn("an event cannot be told: {}", e.toString());
        } finally {
            lost.addAndGet(told ? 0 : 1);
        }
    }

    private boolean tell(Instant at, Event event) {
        String budget = event.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
        warn(event, budget);
        return append(EventV1.overBudget(at, budget, event));
    }

    private static void warn(Event event, String budget) {
        if (event.kind() == Kind.NAMES) {
            LOG.warn(
                    "network={} asked for too many new names below pattern={} in a minute:"
                            + " names={} octets={}; new ones are refused, as they would be to a"
                            + " DNS tunnel",
                    event.network(),
                    event.pattern(),
                    event.names(),
                    event.octets());
        } else {
            LOG.warn("network={} used up its budget={}", event.network(), budget);
        }
    }

    /** Not while the file fails: the first event that can be written shows that it is back. */
    private void tellOfLost() {
        long count = lost.get();
        if (count == 0 || file.isFailing()) {
            return;
        }
        try {
            LOG.warn("lost={} events came too fast, or could not be written", count);
            if (append(EventV1.lost(clock.instant(), count))) {
                lost.addAndGet(-count);
            }
        } catch (RuntimeException e) {
            LOG.warn("the loss of events cannot be told: {}", e.toString());
        }
    }

    /** Whether it is there. */
    private boolean append(String line) {
        @Nullable String problem = file.append(line);
        if (problem != null) {
            LOG.warn("{}", problem);
        }
        return !file.isFailing();
    }

    @Override
    public void close() {
        closed = true;
        var _ = waiting.offer(new Told.Nothing()); // if there is no room the writer is awake
        try {
            writer.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }
}
