package io.sallyport.resolver.querylog;

import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/** The query log of a resolver. */
public final class QueryLog implements AutoCloseable {
    /** Some seconds of a busy host's queries: 2 MB, and 17 MB if all are long answers over TCP. */
    static final int QUEUE = 4096;

    private static final String DNSTAP = "dnstap:";
    private static final String UNIX = "unix:";

    /** Where entries go. */
    public enum Kind {
        /** A file of JSON lines. */
        JSON,
        /** A file that is a frame stream of dnstap messages. */
        DNSTAP,
        /** A Unix socket that takes a frame stream of dnstap messages. */
        DNSTAP_SOCKET
    }

    /**
     * What is kept where.
     *
     * @param denied whether only what was denied is kept
     * @param oneIn one query in so many is kept
     */
    public record Config(Kind kind, Path place, boolean denied, int oneIn) {
        /** Fewer is none at all on most hosts. */
        private static final int MOST = 1_000_000;

        /** What is kept unless something else is said: what somebody will ask about. */
        public static final String USUAL = "denied";

        /**
         * @param place {@code FILE}, {@code dnstap:FILE} or {@code dnstap:unix:SOCKET}
         * @param mode {@code denied}, {@code all} or {@code 1/N}
         * @throws IllegalArgumentException with a sentence that says what to write
         */
        public static Config parse(String place, String mode) {
            Kind kind = Kind.JSON;
            String path = place;
            if (path.startsWith(DNSTAP)) {
                path = path.substring(DNSTAP.length());
                kind = path.startsWith(UNIX) ? Kind.DNSTAP_SOCKET : Kind.DNSTAP;
                path = kind == Kind.DNSTAP_SOCKET ? path.substring(UNIX.length()) : path;
            }
            if (path.isBlank() || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "query log: write FILE, dnstap:FILE or dnstap:unix:SOCKET");
            }
            boolean denied = mode.equals(USUAL);
            int oneIn = denied || mode.equals("all") ? 1 : sample(mode);
            return new Config(kind, Path.of(path).toAbsolutePath(), denied, oneIn);
        }

        private static int sample(String mode) {
            int oneIn = mode.matches("1/[1-9]\\d{0,6}") ? Integer.parseInt(mode.substring(2)) : 0;
            if (oneIn < 1 || oneIn > MOST) {
                throw new IllegalArgumentException(
                        "query log: \""
                                + mode
                                + "\" should be denied, all, or 1/N for one query in N, as in"
                                + " 1/100");
            }
            return oneIn;
        }
    }

    /** Writes for one event loop. */
    public final class Pen {
        private int passed;

        private Pen() {}

        /** Whether a query with this outcome is kept. Counts it among those of a sample. */
        public boolean wants(Outcome decision) {
            if (config.denied) {
                return decision.verdict().equals("deny");
            }
            passed = (passed + 1) % config.oneIn;
            return passed == 0;
        }

        /** Keeps a query, or counts it as dropped. Never waits, never throws. */
        public void write(
                String network,
                long addressHigh,
                long addressLow,
                boolean tcp,
                Query asked,
                Outcome decision,
                Origin origin,
                Reply reply,
                long nanos) {
            try {
                Entry entry =
                        new Entry(
                                Instant.now(),
                                nanos,
                                network,
                                Entry.address(addressHigh, addressLow),
                                tcp,
                                Entry.flags(asked),
                                decision,
                                origin,
                                Entry.message(reply, asked, config.kind != Kind.JSON),
                                reply.rcode());
                if (queue.offer(entry)) {
                    return;
                }
            } catch (RuntimeException e) {
                // Counted below: the answer has left, and must not be called a fault.
            }
            dropped.increment();
        }
    }

    private final Config config;
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
    private final LongAdder written = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final Scribe scribe;

    private QueryLog(Config config, Sink sink) {
        this.config = config;
        this.scribe = new Scribe(queue, sink, written, dropped);
    }

    /**
     * Opens it and starts its thread.
     *
     * @throws IOException if the file cannot be written; a socket may come later
     */
    public static QueryLog open(Config config) throws IOException {
        Sink sink =
                switch (config.kind) {
                    case JSON -> LogFile.open(config.place, new JsonLines());
                    case DNSTAP -> LogFile.open(config.place, new Dnstap());
                    case DNSTAP_SOCKET -> new LogSocket(config.place, new Dnstap());
                };
        QueryLog log = new QueryLog(config, sink);
        log.scribe.start();
        return log;
    }

    /** For one event loop. */
    public Pen pen() {
        return new Pen();
    }

    /** What is exported where there is no log. */
    public static Map<String, Long> none() {
        return counters(0, 0);
    }

    public Map<String, Long> counters() {
        return counters(written.sum(), dropped.sum());
    }

    private static Map<String, Long> counters(long written, long dropped) {
        return Map.of(
                "sallyport_query_log_entries_total",
                written,
                "sallyport_query_log_dropped_total",
                dropped);
    }

    /** Writes what is queued, for two seconds at most, and closes. */
    @Override
    public void close() {
        scribe.close();
    }
}
