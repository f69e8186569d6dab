package io.sallyport.resolver.lookup;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.Upstreams;
import io.sallyport.resolver.validate.Validator;
import java.util.Map;
import java.util.function.Consumer;

/** Who knows the answers: the upstreams, or a validator before them. */
interface Source extends AutoCloseable {
    /** Calls back on this loop, which this thread runs, exactly once. */
    void ask(Question question, EventLoop loop, Consumer<Answer> then);

    void writeCounters(Map<String, Long> counters);

    /** The servers that are asked. */
    Upstreams upstreams();

    /** What is under way fails from now on. */
    @Override
    void close();

    static Source of(Lookup.Config config) {
        Upstreams upstreams = new Upstreams(config.upstreams());
        return config.validation()
                .<Source>map(validation ->
                        new Validating(upstreams, new Validator(validation, upstreams::ask)))
                .orElseGet(() -> new Plain(upstreams));
    }

    /** What the upstreams say. */
    record Plain(Upstreams upstreams) implements Source {
        @Override
        public void ask(Question question, EventLoop loop, Consumer<Answer> then) {
            upstreams.ask(question, loop, then);
        }

        @Override
        public void writeCounters(Map<String, Long> counters) {
            upstreams.writeCounters(counters);
        }

        @Override
        public void close() {}
    }

    /** What they can prove. */
    record Validating(Upstreams upstreams, Validator validator) implements Source {
        @Override
        public void ask(Question question, EventLoop loop, Consumer<Answer> then) {
            validator.ask(question, loop, then);
        }

        @Override
        public void writeCounters(Map<String, Long> counters) {
            upstreams.writeCounters(counters);
            validator.writeCounters(counters);
        }

        @Override
        public void close() {
            validator.close();
        }
    }
}
