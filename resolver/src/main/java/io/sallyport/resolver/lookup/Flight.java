package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One question on its way, and everyone who waits for its answer. */
final class Flight {
    /** A popular name going stale has dozens; more is a flood, and each is called in one go. */
    static final int MAX_WAITERS = 1000;

    enum Boarding {
        ABOARD,
        FULL,
        /** It is late, and a stale answer has been served instead. */
        SERVED,
        /** It has landed: look into the cache, or ask again. */
        LANDED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Flight.class);

    private record Waiter(EventLoop loop, Consumer<Answer> then) {
        /** A task of its own loop, so that one who throws harms nobody else. */
        void call(Answer answer) {
            try {
                loop.execute(() -> then.accept(answer));
            } catch (RejectedExecutionException e) {
                LOG.debug(
                        "a waiter's event loop has been shut down, and its client's socket with it",
                        e);
            }
        }
    }

    private final boolean refresh;
    private List<Waiter> waiters = new ArrayList<>(1);
    private @Nullable Answer served;
    private boolean landed;

    /** Nobody waits yet: a refresh. */
    Flight() {
        refresh = true;
    }

    Flight(EventLoop loop, Consumer<Answer> then) {
        refresh = false;
        waiters.add(new Waiter(loop, then));
    }

    boolean isRefresh() {
        return refresh;
    }

    synchronized Boarding board(EventLoop loop, Consumer<Answer> then) {
        if (landed) {
            return Boarding.LANDED;
        }
        if (served != null) {
            new Waiter(loop, then).call(served);
            return Boarding.SERVED;
        }
        if (waiters.size() == MAX_WAITERS) {
            return Boarding.FULL;
        }
        waiters.add(new Waiter(loop, then));
        return Boarding.ABOARD;
    }

    /** Calls everyone who waits, and everyone who comes before it lands, with a stale answer. */
    int serve(Answer stale) {
        return call(stale, false);
    }

    /** Calls everyone who still waits, and returns how many that were. */
    int land(Answer answer) {
        return call(answer, true);
    }

    private int call(Answer answer, boolean last) {
        List<Waiter> called;
        synchronized (this) {
            landed = last;
            served = answer;
            called = waiters;
            waiters = List.of();
        }
        for (Waiter waiter : called) {
            waiter.call(answer);
        }
        return called.size();
    }
}
