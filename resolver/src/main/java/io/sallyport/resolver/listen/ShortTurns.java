package io.sallyport.resolver.listen;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Asks the scheduler for short turns on the processor, sched_setattr(2). A thread that takes many
 * short turns comes at once when it wakes, before one that has a long turn and has begun it (EEVDF,
 * Stoica and Abdel-Wahab 1995; Linux 6.12): without that, the compiler, the reconcile loop or
 * anything else on the core holds up a lone query for up to 4 ms. The share of the processor stays
 * what it was, and no privilege is needed.
 *
 * <pre>
 * struct sched_attr  0 size | 4 policy | 8 flags | 16 nice | 20 priority | 24 runtime | 32 deadline | 40 period
 * </pre>
 */
final class ShortTurns {
    /** The shortest that Linux grants; a batch of answers takes no longer. */
    private static final long NANOS = 100_000;

    private static final int SIZE = 48;
    private static final int POLICY = 4;
    private static final int RUNTIME = 24;

    /** SCHED_OTHER: of the other policies the attributes mean something else. */
    private static final int OTHER = 0;

    private ShortTurns() {}

    /**
     * For the calling thread.
     *
     * @return whether the kernel took it; an older one takes it too, and does nothing
     */
    static boolean ask() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(SIZE, Long.BYTES);
            if (SystemCalls.scheduling(attributes) != 0
                    || attributes.get(JAVA_INT, POLICY) != OTHER) {
                return false;
            }
            attributes.set(JAVA_LONG, RUNTIME, NANOS);
            return SystemCalls.schedule(attributes) == 0;
        }
    }
}
