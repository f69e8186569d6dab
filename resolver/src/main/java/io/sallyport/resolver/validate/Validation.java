package io.sallyport.resolver.validate;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question's way through the validator. It is also the executor that dnsjava hands from step to
 * step, which is how each step finds its toll; steps follow one another, never side by side.
 */
final class Validation implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

    final Question question;
    final EventLoop loop;
    final Toll toll = new Toll();
    private final Executor workers;
    private final Consumer<Answer> then;

    /**
     * What was said about keys, so that those with a TTL of 0 serve this validation. At most {@link
     * Toll#MAX_QUERIES}.
     */
    private final Map<Question, Answer> told = new ConcurrentHashMap<>();

    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable Future<?> deadline;
    private volatile @Nullable Answer raw;
    private volatile @Nullable Answer broken;

    Validation(Question question, EventLoop loop, Executor workers, Consumer<Answer> then) {
        this.question = question;
        this.loop = loop;
        this.workers = workers;
        this.then = then;
    }

    /** On the loop, before anything else. */
    void deadline(Future<?> timer) {
        deadline = timer;
    }

    @Override
    public void execute(Runnable step) {
        workers.execute(step);
    }

    void begin(Answer first) {
        raw = first;
    }

    /** What the upstreams said to the question itself. */
    @Nullable Answer raw() {
        return raw;
    }

    /**
     * The validator takes silence about keys for the end of the signed world in places, so the
     * first thing that went wrong is the end of the validation, whatever it comes to.
     */
    Answer spoil(Answer failure) {
        if (broken == null) {
            broken = failure;
        }
        return failure;
    }

    @Nullable Answer broken() {
        return broken;
    }

    @Nullable Answer told(Question about) {
        return told.get(about);
    }

    void tell(Question about, Answer answer) {
        told.put(about, answer);
    }

    boolean isOver() {
        return ended.get();
    }

    /** Whether this is the first end, and so the only one that is told. */
    boolean end() {
        return ended.compareAndSet(false, true);
    }

    /** Calls back on the loop. */
    void tell(Answer answer) {
        if (loop.inEventLoop()) {
            call(answer);
            return;
        }
        try {
            loop.execute(() -> call(answer));
        } catch (RejectedExecutionException e) {
            LOG.debug("an event loop has been shut down, and its clients' sockets with it", e);
        }
    }

    private void call(Answer answer) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        then.accept(answer);
    }
}
