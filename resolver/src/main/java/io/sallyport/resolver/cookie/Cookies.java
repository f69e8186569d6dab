package io.sallyport.resolver.cookie;

import io.sallyport.resolver.hash.SipHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes and checks server cookies. Shared by all event loops; nothing is allocated for a query.
 *
 * <pre>
 *  0                   1                   2                   3     RFC 9018 §4
 * |                       client cookie, 8 octets                 |
 * |  version 1    |              reserved, 3 octets               |
 * |                      timestamp, seconds, 4 octets             |
 * |  SipHash-2-4 (client cookie | version … timestamp | address)  |
 * </pre>
 */
public final class Cookies {

    /** What a query's cookie is worth. */
    public enum Standing {
        /** The client has none of ours yet. */
        CLIENT_ONLY,
        /** Ours, for this client, and less than half an hour old: to be sent back as it is. */
        GOOD,
        /** Ours, but soon too old: to be renewed. */
        AGEING,
        /** Not ours, not this client's, too old or from the future. */
        BAD
    }

    /** The option's code (RFC 7873 §4). */
    public static final int OPTION = 10;

    public static final int CLIENT_OCTETS = 8;

    /** A client's cookie with ours behind it. */
    public static final int WHOLE_OCTETS = 24;

    /** RFC 7873 §4: what other servers may make their cookies of. */
    public static final int MAX_OCTETS = 40;

    private static final int MIN_WITH_SERVER = 16;
    private static final int VERSION = 1;
    private static final int TIMESTAMP_AT = 12;

    /** Where the hash begins; before it stands what is hashed, beside the address. */
    private static final int HASH_AT = 16;

    private static final int IPV6_OCTETS = 16;

    /** What the caller lends to put together what is hashed. */
    public static final int SCRATCH_OCTETS = HASH_AT + IPV6_OCTETS;

    private static final int MAPPED = 0xffff;

    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** The hash lies as SipHash writes it (RFC 9018 §4.4). */
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** RFC 9018 §4.3. */
    private static final int OLDEST_SECONDS = 3600;

    private static final int RENEW_SECONDS = 1800;
    private static final int FUTURE_SECONDS = 300;

    /** RFC 7873 §7.1: a day is what it advises, and at most 36. */
    private static final long SECRET_SECONDS = 86_400;

    /** The secret that makes cookies, and the one before, whose cookies still count for an hour. */
    private record Secrets(SipHash now, @Nullable SipHash before, long sinceSeconds) {}

    private final Supplier<SipHash> fresh;
    private volatile Secrets secrets;

    public Cookies(long nowSeconds) {
        this(randomSecrets(), nowSeconds);
    }

    Cookies(Supplier<SipHash> fresh, long nowSeconds) {
        this.fresh = fresh;
        secrets = new Secrets(fresh.get(), null, nowSeconds);
    }

    private static Supplier<SipHash> randomSecrets() {
        SecureRandom random = new SecureRandom();
        return () -> new SipHash(random.nextLong(), random.nextLong());
    }

    /** Whether an option may have this many octets; any other is a malformed message. */
    public static boolean wellFormed(int octets) {
        return octets == CLIENT_OCTETS || (octets >= MIN_WITH_SERVER && octets <= MAX_OCTETS);
    }

    /**
     * Turns a client's option into the one that goes back to it, {@link #WHOLE_OCTETS} long: the
     * same if it is good, its own cookie and a new one of ours if not.
     *
     * @param cookie a well-formed option from offset 0, with room for the answer
     * @param high the client's address, its upper half
     * @param low its lower half; an IPv4 address as {@code ::ffff:a.b.c.d}
     * @param scratch {@link #SCRATCH_OCTETS} octets, the caller's own
     */
    public Standing answer(
            byte[] cookie, int length, long high, long low, long nowSeconds, byte[] scratch) {
        Standing standing = check(cookie, length, high, low, nowSeconds, scratch);
        if (standing != Standing.GOOD) {
            renew(cookie, high, low, nowSeconds, scratch);
        }
        return standing;
    }

    private Standing check(
            byte[] cookie, int length, long high, long low, long nowSeconds, byte[] scratch) {
        if (length == CLIENT_OCTETS) {
            return Standing.CLIENT_ONLY;
        }
        if (length != WHOLE_OCTETS || cookie[CLIENT_OCTETS] != VERSION) {
            return Standing.BAD;
        }
        int age = (int) nowSeconds - timestamp(cookie); // serial arithmetic, RFC 1982
        if (age > OLDEST_SECONDS || age < -FUTURE_SECONDS) {
            return Standing.BAD;
        }
        Secrets held = secrets(nowSeconds);
        int hashed = hashed(cookie, high, low, scratch);
        long hash = (long) LONGS.get(cookie, HASH_AT);
        boolean ours =
                held.now.mac(scratch, 0, hashed) == hash
                        || (held.before != null && held.before.mac(scratch, 0, hashed) == hash);
        return !ours ? Standing.BAD : age > RENEW_SECONDS ? Standing.AGEING : Standing.GOOD;
    }

    private void renew(byte[] cookie, long high, long low, long nowSeconds, byte[] scratch) {
        INTS.set(cookie, CLIENT_OCTETS, VERSION << 24); // the reserved octets are 0
        INTS.set(cookie, TIMESTAMP_AT, (int) nowSeconds);
        int hashed = hashed(cookie, high, low, scratch);
        LONGS.set(cookie, HASH_AT, secrets(nowSeconds).now.mac(scratch, 0, hashed));
    }

    /** What the hash is of: the cookie up to its own, and 4 or 16 octets of address. */
    private static int hashed(byte[] cookie, long high, long low, byte[] scratch) {
        System.arraycopy(cookie, 0, scratch, 0, HASH_AT);
        if (high == 0 && low >>> 32 == MAPPED) {
            INTS.set(scratch, HASH_AT, (int) low);
            return HASH_AT + 4;
        }
        INTS.set(scratch, HASH_AT, (int) (high >>> 32));
        INTS.set(scratch, HASH_AT + 4, (int) high);
        INTS.set(scratch, HASH_AT + 8, (int) (low >>> 32));
        INTS.set(scratch, HASH_AT + 12, (int) low);
        return HASH_AT + IPV6_OCTETS;
    }

    private static int timestamp(byte[] cookie) {
        return (int) INTS.get(cookie, TIMESTAMP_AT);
    }

    private Secrets secrets(long nowSeconds) {
        Secrets held = secrets;
        return nowSeconds - held.sinceSeconds < SECRET_SECONDS ? held : rollOver(nowSeconds);
    }

    /** Cookies of the secret before are an hour old at most, and so is what is accepted of it. */
    private synchronized Secrets rollOver(long nowSeconds) {
        Secrets held = secrets;
        if (nowSeconds - held.sinceSeconds >= SECRET_SECONDS) {
            held = new Secrets(fresh.get(), held.now, nowSeconds);
            secrets = held;
        }
        return held;
    }
}
