package io.sallyport.resolver.pin;

/**
 * Opens the way to addresses before the answer that names them may leave. One pinner belongs to one
 * binding of one network; when that binding ends, its pinner can only fail.
 */
@FunctionalInterface
public interface Pinner {

    /** For the resolver that runs alone: there is no firewall, so there is nothing to open. */
    Pinner WITHOUT_FIREWALL =
            new Pinner() {
                @Override
                public boolean pin(byte[][] addresses, int[] ports, int seconds) {
                    return true;
                }

                @Override
                public boolean holds(byte[][] addresses, int[] ports, int seconds, long nowNanos) {
                    return true;
                }
            };

    /**
     * Returns when whoever enforces has acknowledged every pair of address and port. Called on an
     * event loop: takes microseconds, never more than 200 ms, and never throws for a failed write.
     *
     * <p>The arrays are never changed: an answer that leaves again comes with the same ones, and a
     * pinner may know it by them.
     *
     * @param addresses 4 or 16 octets each
     * @param ports protocol (IANA number, 6 TCP, 17 UDP) in the upper and port in the lower 16 bits
     * @param seconds how long the pins last at least, from now
     * @return whether all of them are open now; false sends SERVFAIL instead of the addresses
     */
    boolean pin(byte[][] addresses, int[] ports, int seconds);

    /**
     * Whether all of it is known to be open for so long: then {@link #pin} need not be asked.
     *
     * @param nowNanos of {@link System#nanoTime}, a moment ago
     */
    default boolean holds(byte[][] addresses, int[] ports, int seconds, long nowNanos) {
        return false;
    }

    /**
     * Says that {@link #pin} will be called with the same in a moment, after this was said of
     * others that leave in the same moment: whoever enforces may open the way for all of them at
     * once, with the first that is asked for.
     */
    default void announce(byte[][] addresses, int[] ports, int seconds) {}
}
