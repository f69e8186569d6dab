package io.sallyport.resolver.validate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers about keys, raw: every zone's are wanted by all names below it. */
final class KeyAnswers {
    /** A few thousand zones; beyond them the upstreams are asked again. */
    private static final long MAX_OCTETS = 4 << 20;

    private static final int ENTRY_OCTETS = 300;

    /** By then it has failed: its loop is gone, and nobody will complete it. */
    private static final long GIVEN_UP_NANOS = TimeUnit.SECONDS.toNanos(6);

    private record Asking(CompletableFuture<Answer> answer, long sinceNanos) {}

    private final Validator.Upstream upstream;
    private final ConcurrentMap<Question, Asking> asking = new ConcurrentHashMap<>();
    private final Cache<Question, Answer> known =
            Caffeine.newBuilder()
                    .maximumWeight(MAX_OCTETS)
                    .<Question, Answer>weigher((question, answer) ->
                            ENTRY_OCTETS + question.name().length() + answer.weight())
                    .executor(Runnable::run)
                    .build();

    KeyAnswers(Validator.Upstream upstream) {
        this.upstream = upstream;
    }

    /** Identical questions share one upstream query, whoever validates. */
    CompletableFuture<Answer> ask(Question question, EventLoop loop) {
        long now = System.nanoTime();
        Answer fresh = fresh(question, now);
        if (fresh != null) {
            return CompletableFuture.completedFuture(fresh);
        }
        Asking own = new Asking(new CompletableFuture<>(), now);
        while (true) {
            Asking other = asking.putIfAbsent(question, own);
            if (other == null) {
                loop.execute(
                        () -> upstream.ask(question, loop, answer -> land(question, own, answer)));
                return own.answer;
            }
            if (now - other.sinceNanos < GIVEN_UP_NANOS) {
                return other.answer;
            }
            asking.remove(question, other);
        }
    }

    private void land(Question question, Asking own, Answer answer) {
        if (!answer.isFailure() && answer.ttl() > 0) {
            known.put(question, answer);
        }
        asking.remove(question, own);
        own.answer.complete(answer);
    }

    private @Nullable Answer fresh(Question question, long now) {
        Answer answer = known.getIfPresent(question);
        boolean fresh =
                answer != null && now - answer.bornNanos() < TimeUnit.SECONDS.toNanos(answer.ttl());
        return fresh ? answer : null;
    }
}
