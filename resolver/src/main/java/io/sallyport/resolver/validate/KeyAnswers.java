package io.sallyport.resolver.validate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.hash.SipHash;
import io.sallyport.resolver.question.Question;
import java.security.SecureRandom;
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

    /** What is known by; the question's own hash can be predicted, and so piled up in one bin. */
    record Key(Question question, long hash) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && hash == that.hash && question.equals(that.question);
        }

        @Override
        public int hashCode() {
            return (int) hash;
        }
    }

    /** RFC 9520 §3.2: nobody is asked again within a second. */
    private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Known(Answer answer, long sinceNanos, long forNanos) {}

    private record Asking(CompletableFuture<Answer> answer, long sinceNanos) {}

    private final Validator.Upstream upstream;
    private final SipHash hash;
    private final ConcurrentMap<Key, Asking> asking = new ConcurrentHashMap<>();
    private final Cache<Key, Known> known =
            Caffeine.newBuilder()
                    .maximumWeight(MAX_OCTETS)
                    .<Key, Known>weigher((key, known) ->
                            ENTRY_OCTETS + key.question.name().length() + known.answer.weight())
                    .executor(Runnable::run)
                    .build();

    KeyAnswers(Validator.Upstream upstream) {
        this.upstream = upstream;
        SecureRandom random = new SecureRandom();
        this.hash = new SipHash(random.nextLong(), random.nextLong());
    }

    Key key(Question question) {
        return new Key(question, hash.hash(question.name().octets(), question.type()));
    }

    /** Identical questions share one upstream query, whoever validates. */
    CompletableFuture<Answer> ask(Question question, EventLoop loop) {
        Key key = key(question);
        long now = System.nanoTime();
        Answer fresh = fresh(key, now);
        if (fresh != null) {
            return CompletableFuture.completedFuture(fresh);
        }
        Asking own = new Asking(new CompletableFuture<>(), now);
        while (true) {
            Asking other = asking.putIfAbsent(key, own);
            if (other == null) {
                loop.execute(() -> upstream.ask(question, loop, answer -> land(key, own, answer)));
                return own.answer;
            }
            if (now - other.sinceNanos < GIVEN_UP_NANOS) {
                return other.answer;
            }
            asking.remove(key, other);
        }
    }

    private void land(Key key, Asking own, Answer answer) {
        if (answer.isFailure() && answer.ttl() != Answer.NEVER_KEPT) {
            known.put(key, new Known(answer, System.nanoTime(), FAILURE_NANOS));
        } else if (answer.ttl() > 0) {
            long held = TimeUnit.SECONDS.toNanos(answer.ttl());
            known.put(key, new Known(answer, answer.bornNanos(), held));
        }
        asking.remove(key, own);
        own.answer.complete(answer);
    }

    /** Without asking anybody. */
    @Nullable Answer known(Question question) {
        return fresh(key(question), System.nanoTime());
    }

    private @Nullable Answer fresh(Key key, long now) {
        Known kept = known.getIfPresent(key);
        return kept != null && now - kept.sinceNanos < kept.forNanos ? kept.answer : null;
    }
}
