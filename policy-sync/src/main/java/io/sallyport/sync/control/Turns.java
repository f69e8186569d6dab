package io.sallyport.sync.control;

import com.google.common.collect.Sets;
import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.token.Tokens.Holder;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How much goes on at once: of each org's people together, of each other token, and in all. Whoever
 * sends a body slowly or does not read an answer takes a place of their own org and of nobody else.
 */
final class Turns {
    /** A browser asks for six things at once, and an org has a few open. */
    private static final int OF_ONE = 24;

    /** Of those, what a heavy request takes. */
    private static final int HEAVY = 12;

    /** More would wait for the same cores and the same few connections to the store. */
    private static final int AT_WORK = 32;

    /** Of people, in all: megabytes of lists each, and none may keep nodes from their policies. */
    private static final int HEAVY_AT_WORK = 4;

    /** What reads or compares all of an org's lists, versions or names. */
    private static final Set<Endpoint> READ_MUCH =
            Sets.immutableEnumSet(
                    Endpoint.AUDIT,
                    Endpoint.AUDIT_VERIFY,
                    Endpoint.CHECK,
                    Endpoint.DENIED,
                    Endpoint.EXPLAIN,
                    Endpoint.HISTORY,
                    Endpoint.IMPACT,
                    Endpoint.OBSERVED,
                    Endpoint.ORGS);

    /** A page is sooner there than somebody presses its button again. */
    private static final Duration WAIT = Duration.ofSeconds(2);

    /** Places of one, and how many use or wait for them. */
    private static final class Line {
        private final Semaphore places = new Semaphore(OF_ONE, true);
        private int users;
    }

    private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();
    private final Semaphore working = new Semaphore(AT_WORK, true);
    private final Semaphore workingMuch = new Semaphore(HEAVY_AT_WORK, true);

    /** A place for a request, from before its body is read until its answer is sent. */
    final class Turn implements AutoCloseable {
        private String key = "";
        private int taken;
        private Semaphore lane = working;

        /**
         * Waits for a place.
         *
         * @throws Problem 429 if there is none for too long
         */
        void enter(Holder holder, Endpoint endpoint, Routes.Body body) throws Problem {
            key = holder.org().map(org -> "org " + org).orElseGet(holder::id);
            Line line = join(key);
            boolean heavy = body == Routes.Body.LISTS || READ_MUCH.contains(endpoint);
            lane = heavy && endpoint != Endpoint.REPORT ? workingMuch : working;
            int places = heavy ? HEAVY : 1;
            if (!acquired(line.places, places)) {
                throw Problem.of(
                                Problem.TOO_MANY,
                                "too many requests of yours are under way; wait 1 s and send it"
                                        + " again")
                        .header("Retry-After", "1");
            }
            taken = places;
        }

        /** Does the work, when all of the request has come. */
        Reply work(Repeats.Work work) throws Problem, Refusal, IOException {
            if (!acquired(lane, 1)) {
                throw Problem.of(
                                Status.SERVICE_UNAVAILABLE_503,
                                "this server has too much to do; wait 1 s and send it again")
                        .header("Retry-After", "1");
            }
            try {
                return work.run();
            } finally {
                lane.release();
            }
        }

        @Override
        public void close() {
            if (!key.isEmpty()) {
                leave(key, taken);
            }
        }
    }

    Turn turn() {
        return new Turn();
    }

    private Line join(String key) {
        return lines.compute(
                key,
                (_, there) -> {
                    Line line = there == null ? new Line() : there;
                    line.users++;
                    return line;
                });
    }

    private void leave(String key, int places) {
        lines.computeIfPresent(
                key,
                (_, line) -> {
                    line.places.release(places);
                    line.users--;
                    return line.users == 0 ? null : line;
                });
    }

    private static boolean acquired(Semaphore semaphore, int permits) {
        try {
            return semaphore.tryAcquire(permits, WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
