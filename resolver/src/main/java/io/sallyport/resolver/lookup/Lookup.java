package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From a question that policy has allowed to a checked answer: cache, then a question already in
 * flight, then an upstream. Shared by all event loops.
 */
public final class Lookup implements AutoCloseable {

    /** A fresh answer from the cache, or null. Never blocks. */
    public @Nullable Answer cached(Question question, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /**
     * Finds the answer, at the latest 4.5 s from now. Identical questions in flight share one
     * upstream query.
     *
     * @param loop where {@code then} is called, exactly once: with the answer, or with SERVFAIL and
     *     its extended error
     */
    public void find(Question question, EventLoop loop, Consumer<Answer> then) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
