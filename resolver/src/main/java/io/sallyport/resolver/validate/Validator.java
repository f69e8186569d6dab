package io.sallyport.resolver.validate;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Check;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.dnssec.ValidatingResolver;

/** Asks the upstreams, and believes nothing that is signed and does not fit its signature. */
public final class Validator implements AutoCloseable {
    /** What is asked of the upstreams, on the loop that this thread runs. */
    @FunctionalInterface
    public interface Upstream {
        void ask(Question question, EventLoop loop, Consumer<Answer> then);
    }

    /**
     * @param anchors a file of DS or DNSKEY records; its root replaces the public one, other names
     *     are added
     * @param negativeAnchors zones that are not validated, with all below them (RFC 7646)
     */
    public record Config(Optional<Path> anchors, List<WireName> negativeAnchors) {
        /** The public root, and everything below it. */
        public static final Config PUBLIC = new Config(Optional.empty(), List.of());

        public Config {
            negativeAnchors = List.copyOf(negativeAnchors);
            if (negativeAnchors.contains(WireName.ROOT)) {
                throw new IllegalArgumentException(
                        "a negative trust anchor for the root means no validation: leave that off");
            }
        }
    }

    /** One validates while another waits for memory; event loops need the rest of the machine. */
    private static final int THREADS = 2;

    /** Each holds a message; most wait for an upstream. */
    static final int MAX_UNDER_WAY = 512;

    /** Below the lookup's own budget of 4.5 s, so that a client sees SERVFAIL, not silence. */
    private static final long BUDGET_MILLIS = 4400;

    /** RFC 9276 §3.2: beyond it a denial proves nothing; dnsjava asks by the size of keys. */
    private static final String NSEC3_ITERATIONS = "50";

    private static final int IDLE_SECONDS = 30;
    private static final int SILENT = 22; // RFC 8914 §4.23
    private static final int MALFORMED = 24; // RFC 8914 §4.25

    private final Upstream upstream;
    private final ThreadPoolExecutor workers;
    private final ValidatingResolver resolver;
    private final AtomicInteger underWay = new AtomicInteger();
    private final Shares shares = new Shares();
    private final LongAdder secure = new LongAdder();
    private final LongAdder insecure = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder overload = new LongAdder();
    private final LongAdder checks = new LongAdder();
    private final LongAdder queries = new LongAdder();

    /**
     * @throws IllegalArgumentException with a sentence that says what is wrong with the anchors
     */
    public Validator(Config config, Upstream upstream) {
        this.upstream = upstream;
        this.workers =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(4 * MAX_UNDER_WAY),
                        Thread.ofPlatform().daemon().name("validate-", 0).factory());
        workers.allowCoreThreadTimeOut(true);
        this.resolver =
                new ValidatingResolver(
                        new Head(
                                new KeyAnswers(upstream),
                                config.negativeAnchors(),
                                () -> underWay.get() > MAX_UNDER_WAY / 2));
        Properties limits = new Properties();
        limits.setProperty("dnsjava.dnssec.nsec3.iterations.0", NSEC3_ITERATIONS);
        try {
            resolver.init(limits);
        } catch (IOException e) {
            throw new IllegalStateException("no file was named", e);
        }
        Anchors.load(resolver.getTrustAnchors(), config);
    }

    /**
     * As the upstreams are asked. CD is the wish to be told everything unvalidated (RFC 4035
     * §3.2.2).
     *
     * @param loop which this thread runs, and which {@code then} is called on, exactly once
     */
    public void ask(Question question, EventLoop loop, Consumer<Answer> then) {
        if (question.checkingDisabled()) {
            upstream.ask(question, loop, then);
            return;
        }
        if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
            underWay.decrementAndGet();
            overload.increment();
            then.accept(tooMany());
            return;
        }
        if (!shares.enter(question.name())) {
            underWay.decrementAndGet();
            overload.increment();
            then.accept(
                    Answer.overload(
                            "too many answers of one domain are being validated",
                            System.nanoTime()));
            return;
        }
        Validation validation = new Validation(question, loop, workers, then);
        validation.deadline(
                loop.schedule(() -> end(validation, late()), BUDGET_MILLIS, TimeUnit.MILLISECONDS));
        upstream.ask(
                Head.whole(question),
                loop,
                raw -> {
                    if (raw.isFailure()) {
                        end(validation, raw);
                    } else {
                        validate(validation, raw);
                    }
                });
    }

    /** Adds the counters of this package, by metric name. */
    public void writeCounters(Map<String, Long> counters) {
        counters.put("sallyport_validations_secure_total", secure.sum());
        counters.put("sallyport_validations_insecure_total", insecure.sum());
        counters.put("sallyport_validations_failed_total", failed.sum());
        counters.put("sallyport_validations_refused_total", overload.sum());
        counters.put("sallyport_validations_under_way", (long) underWay.get());
        counters.put("sallyport_validation_queries_total", queries.sum());
        counters.put("sallyport_validation_checks_total", checks.sum());
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }

    private void validate(Validation validation, Answer raw) {
        validation.begin(raw);
        try {
            workers.execute(() -> begin(validation, raw));
        } catch (RejectedExecutionException e) {
            overload.increment();
            end(validation, tooMany());
        }
    }

    /** On a worker, like all that follows from it. */
    private void begin(Validation validation, Answer raw) {
        Record asked =
                Record.newRecord(
                        Anchors.name(validation.question.name()),
                        validation.question.type(),
                        DClass.IN);
        try {
            resolver.sendAsync(Message.newQuery(asked), validation)
                    .whenComplete((message, fault) -> judge(validation, raw, message, fault));
        } catch (RuntimeException | StackOverflowError fault) {
            judge(validation, raw, null, fault);
        }
    }

    private void judge(
            Validation validation,
            Answer raw,
            @Nullable Message message,
            @Nullable Throwable fault) {
        queries.add(validation.toll.queries());
        checks.add(validation.toll.checks());
        Answer answer =
                switch (Finding.of(validation, message, fault)) {
                    case Finding.Secure(int rcode) -> {
                        secure.increment();
                        yield sift(validation.question, raw, rcode, true);
                    }
                    case Finding.Insecure() -> {
                        insecure.increment();
                        yield sift(validation.question, raw, raw.rcode(), false);
                    }
                    case Finding.Failed(Answer failure) -> {
                        failed.increment();
                        yield failure;
                    }
                };
        end(validation, answer);
    }

    /** Signatures cover whole sets, so what clients may not see is taken out only now. */
    private static Answer sift(Question question, Answer raw, int rcode, boolean authentic) {
        byte[] octets = Head.octets(question, raw, rcode, authentic);
        try {
            if (authentic) {
                limit(octets, raw);
            }
        } catch (IOException e) {
            return malformed();
        }
        Check.Outcome outcome =
                Check.check(octets, octets.length, question, authentic, raw.bornNanos());
        return outcome instanceof Check.Accepted(Answer answer) ? answer : malformed();
    }

    /** No record outlives the signatures that vouch for it. */
    private static void limit(byte[] octets, Answer raw) throws IOException {
        Instant now = Instant.now();
        Instant came = now.minusNanos(System.nanoTime() - raw.bornNanos());
        int ttl = Span.seconds(octets, Math.max(0, raw.ttl()), came, now);
        int body = octets.length - raw.body().length;
        for (int at : raw.ttlOffsets()) {
            ByteBuffer.wrap(octets).putInt(body + at, ttl);
        }
    }

    private static Answer malformed() {
        return Answer.serverFailure(
                MALFORMED, "the upstreams sent a malformed answer", System.nanoTime());
    }

    private void end(Validation validation, Answer answer) {
        if (validation.end()) {
            underWay.decrementAndGet();
            shares.leave(validation.question.name());
            validation.tell(answer);
        }
    }

    private static Answer late() {
        return Answer.serverFailure(
                SILENT, "no upstream answered in time for validation", System.nanoTime());
    }

    private static Answer tooMany() {
        return Answer.overload("too many answers are being validated", System.nanoTime());
    }
}
