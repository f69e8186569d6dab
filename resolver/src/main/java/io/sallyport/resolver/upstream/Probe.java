package io.sallyport.resolver.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.upstream.Query.Carrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a suspect server is down, with a name that no client chose, and goes on until
 * it is back. There is at most one for each server. Lives on the event loop that suspected.
 */
final class Probe implements Attempt.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    /** One may be lost. */
    private static final int FAILURES = 2;

    private static final long UDP_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    /** With a handshake in it. */
    private static final long STREAM_NANOS = TimeUnit.MILLISECONDS.toNanos(2500);

    /** Quick enough for people, and nothing for a server; give or take a quarter. */
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Upstreams upstreams;
    private final Group group;
    private final Server server;
    private final EventLoop loop;
    private int failures;

    Probe(Upstreams upstreams, Group group, Server server, EventLoop loop) {
        this.upstreams = upstreams;
        this.group = group;
        this.server = server;
        this.loop = loop;
    }

    void start() {
        Carrier carrier = server.isSecure() ? Carrier.TLS : Carrier.UDP;
        upstreams.tally().probes.increment();
        Query query =
                new Query(
                        group.probe(),
                        carrier,
                        false,
                        server.knowsEdns(System.nanoTime()),
                        false,
                        upstreams.randomness());
        Attempt attempt =
                carrier == Carrier.UDP
                        ? new UdpAttempt(query, server, loop, upstreams.tally().mismatched, this)
                        : new StreamAttempt(
                                query, server, loop, upstreams.randomness(), failures > 0, this);
        attempt.arm(carrier == Carrier.UDP ? UDP_NANOS : STREAM_NANOS);
        attempt.start();
    }

    /** Whatever a server says, it is there to say it. */
    @Override
    public void ended(Attempt attempt, Attempt.End end, byte[] octets) {
        switch (end) {
            case REPLY, TRUNCATED, OTHER_CASE, NO_EDNS -> alive();
            case UNREACHABLE, STALE, FLOODED -> dead();
            case BUSY -> again();
        }
    }

    @Override
    public void due(Attempt attempt) {
        attempt.blame();
        attempt.drop();
        dead();
    }

    private void alive() {
        if (!server.isUp()) {
            LOG.info("upstream {} answers again", server);
        }
        server.heard(System.nanoTime());
        server.probesOver(System.nanoTime());
    }

    private void dead() {
        failures++;
        if (failures == FAILURES) {
            LOG.warn("upstream {} does not answer", server);
        }
        if (failures >= FAILURES) {
            server.takeDown();
        }
        again();
    }

    private void again() {
        long jitter = ThreadLocalRandom.current().nextLong(INTERVAL_NANOS / 2);
        long pause = failures < FAILURES ? 0 : INTERVAL_NANOS * 3 / 4 + jitter;
        try {
            var _ = loop.schedule(this::startIfNeeded, pause, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) { // this loop ends; another one may suspect it again
            server.probesOver(System.nanoTime());
        }
    }

    /** A client's answer may have come first. */
    private void startIfNeeded() {
        if (failures >= FAILURES && server.isUp()) {
            LOG.info("upstream {} answers again", server);
            server.probesOver(System.nanoTime());
        } else {
            try {
                start();
            } catch (RuntimeException e) { // such as for want of memory: the chain must not end
                LOG.error("upstream {} could not be probed", server, e);
                failures++;
                again();
            }
        }
    }
}
