package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One question on its way, and everyone who waits for its answer. */
final class Flight {
    /** A popular name going stale has dozens; more is a flood, and each is called in one go. */
    static final int MAX_WAITERS = 1000;

    enum Boarding {
        ABOARD,
        FULL,
        /** It has landed: look into the cache, or ask again. */
        LANDED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Flight.class);

    private record Waiter(EventLoop loop, Consumer<Answer> then) {}

    private final List<Waiter> waiters = new ArrayList<>(1);
    private boolean landed;

    Flight(EventLoop loop, Consumer<Answer> then) {
        waiters.add(new Waiter(loop, then));
    }

    /** How many wait. */
    synchronized int waiters() {
        return waiters.size();
    }

    synchronized Boarding board(EventLoop loop, Consumer<Answer> then) {
        if (landed) {
            return Boarding.LANDED;
        }
        if (waiters.size() == MAX_WAITERS) {
            return Boarding.FULL;
        }
        waiters.add(new Waiter(loop, then));
        return Boarding.ABOARD;
    }

    /** Calls everyone, each as a task of its own loop, so that one who throws harms nobody else. */
    void land(Answer answer) {
        synchronized (this) {
            landed = true;
        }
        for (Waiter waiter : waiters) { // nobody boards any more
            try {
                waiter.loop.execute(() -> waiter.then.accept(answer));
            } catch (RejectedExecutionException e) {
                LOG.debug(
                        "a waiter's event loop has been shut down, and its client's socket with it",
                        e);
            }
        }
    }
}
