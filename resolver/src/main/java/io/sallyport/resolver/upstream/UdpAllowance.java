package io.sallyport.resolver.upstream;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many queries may leave over UDP a second; the ones beyond share kept TCP connections, where
 * the server takes them. Each query over UDP has a port of its own, which where the firewall tracks
 * connections is an entry for 30 s: at 10,000 a second the host's table would be full, and nothing
 * on the host would get through any more. Any thread, no lock.
 */
final class UdpAllowance {
    /** 15,000 entries at a time, of the 65,536 that the smallest of hosts has room for. */
    static final int A_SECOND = 500;

    /** A build that starts on a cold cache asks so many hosts at once, and never more. */
    static final int BURST = 2000;

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) / A_SECOND;

    /** When the allowance would be whole again (the generic cell rate algorithm of ITU-T I.371). */
    private final AtomicLong wholeAt;

    UdpAllowance(long nowNanos) {
        wholeAt = new AtomicLong(nowNanos);
    }

    /** Whether one more may leave; losing a race loses one of them, and that is all. */
    boolean spend(long nowNanos) {
        long known = wholeAt.get();
        long from = known - nowNanos > 0 ? known : nowNanos;
        return from - nowNanos <= (BURST - 1) * INTERVAL_NANOS
                && wholeAt.compareAndSet(known, from + INTERVAL_NANOS);
    }
}
