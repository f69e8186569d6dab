package io.sallyport.sync.limit;

import com.google.common.net.InetAddresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A bucket of tokens for each key; safe for any number of threads.
 *
 * <p>A bucket is one number, the time at which it will be full again, so a full bucket need not be
 * kept at all. When the map is at its bound and no bucket in it is full, new keys share one bucket
 * until there is room.
 */
public final class RateLimit {
    /** RFC 4291 §2.5.4: a host may take any address of its /64. */
    private static final int NETWORK_OCTETS = 8;

    /** Looking for full buckets reads the whole map; a flood of new keys may not pay for that. */
    private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long NANOS_A_SECOND = Duration.ofSeconds(1).toNanos();
    private static final int MOST_KEYS = 10_000_000;

    /**
     * @param burst how many may come at once after a pause
     * @param count how many may come in each {@code period} for ever
     */
    public record Rate(int burst, int count, Duration period) {
        public Rate {
            if (burst < 1 || count < 1 || !period.isPositive()) {
                throw new IllegalArgumentException("a rate needs a burst, a count and a period");
            }
            if (period.toNanos() / count < 1) {
                throw new IllegalArgumentException("more than one in a nanosecond is no limit");
            }
            Math.multiplyExact(period.toNanos() / count, burst);
        }

        private long intervalNanos() {
            return period.toNanos() / count;
        }
    }

    private final long interval;
    private final long tolerance;
    private final int mostKeys;
    private final LongSupplier nanos;
    private final ConcurrentHashMap<String, Long> fullAgain = new ConcurrentHashMap<>();
    private final AtomicLong sharedFullAgain;
    private final AtomicLong nextSweep;
    private final AtomicLong shared = new AtomicLong();

    /**
     * @param mostKeys how many callers are kept apart; some 100 octets each
     */
    public RateLimit(Rate rate, int mostKeys) {
        this(rate, mostKeys, System::nanoTime);
    }

    RateLimit(Rate rate, int mostKeys, LongSupplier nanos) {
        if (mostKeys < 1 || mostKeys > MOST_KEYS) {
            throw new IllegalArgumentException("1 to " + MOST_KEYS + " keys, not " + mostKeys);
        }
        this.interval = rate.intervalNanos();
        this.tolerance = interval * (rate.burst() - 1);
        this.mostKeys = mostKeys;
        this.nanos = nanos;
        this.sharedFullAgain = new AtomicLong(nanos.getAsLong());
        this.nextSweep = new AtomicLong(nanos.getAsLong());
    }

    /**
     * Takes a token of this key's bucket.
     *
     * @return 0 when there was one; else the whole seconds, at least 1, after which there will be:
     *     what {@code Retry-After} says
     */
    public long take(String key) {
        long now = nanos.getAsLong();
        if (!fullAgain.containsKey(key) && isFull(now)) {
            return takeShared(now);
        }
        long[] wait = {0};
        fullAgain.compute(
                key,
                (_, before) -> {
                    long start = before == null || before - now < 0 ? now : before;
                    wait[0] = wait(start, now);
                    return wait[0] == 0 ? start + interval : start;
                });
        return seconds(wait[0]);
    }

    /** The key of an address; all of an IPv6 network of 64 bits are one caller. */
    public static String key(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return InetAddresses.toAddrString(address);
        }
        byte[] octets = address.getAddress();
        Arrays.fill(octets, NETWORK_OCTETS, octets.length, (byte) 0);
        try {
            return InetAddresses.toAddrString(InetAddress.getByAddress(octets)) + "/64";
        } catch (UnknownHostException e) {
            throw new AssertionError("16 octets are an address", e);
        }
    }

    /** How often a caller found no room of its own and took from the shared bucket. */
    public long shared() {
        return shared.get();
    }

    int size() {
        return fullAgain.size();
    }

    private long takeShared(long now) {
        shared.incrementAndGet();
        while (true) {
            long before = sharedFullAgain.get();
            long start = before - now < 0 ? now : before;
            long wait = wait(start, now);
            if (wait > 0 || sharedFullAgain.compareAndSet(before, start + interval)) {
                return seconds(wait);
            }
        }
    }

    private long wait(long fullAgain, long now) {
        return Math.max(0, fullAgain - now - tolerance);
    }

    private static long seconds(long nanos) {
        return Math.ceilDiv(nanos, NANOS_A_SECOND);
    }

    /** Threads that ask at once may pass the bound by their number, and by no more. */
    private boolean isFull(long now) {
        if (fullAgain.size() < mostKeys) {
            return false;
        }
        long due = nextSweep.get();
        if (due - now <= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
            fullAgain.values().removeIf(time -> time - now <= 0);
        }
        return fullAgain.size() >= mostKeys;
    }
}
