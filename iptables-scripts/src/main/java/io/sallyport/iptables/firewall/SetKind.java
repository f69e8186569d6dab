package io.sallyport.iptables.firewall;

/**
 * What a set must be, as words for {@code ipset} and as numbers for the kernel.
 *
 * @param ports whether its entries are addresses with ports, not addresses alone
 * @param seconds how long an entry stays; 0 for ever
 * @param counted whether packets are counted for each entry, and a full set drops an old entry for
 *     a new one
 */
record SetKind(
        boolean six, boolean ports, int hashSize, int mostEntries, int seconds, boolean counted) {

    /**
     * Pins of a binding: 1,000 names with 8 addresses each within six minutes, about 1 MB when
     * full; an address that opens ports of its own counts once for each.
     */
    static final int MAX_PINS = 8192;

    /**
     * 8 kB, and no growth below some 5,000 pins: when a set grows the kernel waits until no reader
     * is left, for tens of milliseconds, and the event loop that pins waits with it.
     */
    private static final int PINS_HASH = 1024;

    /** Each pin says itself how long it stays. */
    private static final int PIN_SECONDS = 120;

    /**
     * Refused destinations remembered; beyond it the kernel drops one at random, so the frequent
     * ones stay.
     */
    private static final int MAX_REFUSED = 4096;

    private static final int REFUSED_HASH = 64;

    /** The kind of a set of ours, which its name says. */
    static SetKind of(String set) {
        String kind = set.split("-", -1)[1];
        boolean six = kind.endsWith("6");
        return switch (kind.substring(0, kind.length() - 1)) {
            case "pin" -> new SetKind(six, false, PINS_HASH, MAX_PINS, PIN_SECONDS, false);
            case "own" -> new SetKind(six, true, PINS_HASH, MAX_PINS, PIN_SECONDS, false);
            case "ref" -> new SetKind(six, true, REFUSED_HASH, MAX_REFUSED, 0, true);
            default -> throw new IllegalArgumentException("no such kind of set: " + set);
        };
    }

    String type() {
        return ports ? "hash:ip,port" : "hash:ip";
    }

    /** What {@code ipset create} is told behind the name. */
    String words() {
        return type()
                + (six ? " family inet6" : " family inet")
                + " hashsize "
                + hashSize
                + " maxelem "
                + mostEntries
                + (seconds == 0 ? "" : " timeout " + seconds)
                + (counted ? " counters forceadd" : "");
    }

    /** Whether another set does the same: its hash may have grown. */
    boolean is(SetKind other) {
        return six == other.six
                && ports == other.ports
                && mostEntries == other.mostEntries
                && seconds == other.seconds
                && counted == other.counted;
    }
}
