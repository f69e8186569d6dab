package io.sallyport.resolver.cookie;

import io.sallyport.resolver.hash.SipHash;
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

    /** Where the hash begins; before it stands what is hashed, beside the address. */
    private static final int HASH_AT = 16;

    private static final int IPV6_OCTETS = 16;

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
     * @param cookie a well-formed option from offset 0
     * @param scratch at least {@link #SCRATCH_OCTETS}, the caller's own
     * @param address 4 or 16 octets
     */
    public Standing check(
            byte[] cookie, int length, byte[] address, long nowSeconds, byte[] scratch) {
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
        System.arraycopy(cookie, 0, scratch, 0, HASH_AT);
        int hashed = withAddress(scratch, address);
        long hash = hash(cookie);
        boolean ours =
                held.now.mac(scratch, 0, hashed) == hash
                        || (held.before != null && held.before.mac(scratch, 0, hashed) == hash);
        return !ours ? Standing.BAD : age > RENEW_SECONDS ? Standing.AGEING : Standing.GOOD;
    }

    /** What {@link #check} and {@link #write} need to put together what is hashed. */
    public static final int SCRATCH_OCTETS = HASH_AT + IPV6_OCTETS;

    /**
     * Writes the client's cookie and a new one of ours, {@link #WHOLE_OCTETS} in all.
     *
     * @param cookie what the client sent, from offset 0
     */
    public void write(
            byte[] cookie, byte[] address, long nowSeconds, byte[] scratch, byte[] out, int at) {
        System.arraycopy(cookie, 0, scratch, 0, CLIENT_OCTETS);
        scratch[CLIENT_OCTETS] = VERSION;
        scratch[CLIENT_OCTETS + 1] = 0;
        scratch[CLIENT_OCTETS + 2] = 0;
        scratch[CLIENT_OCTETS + 3] = 0;
        int stamp = (int) nowSeconds;
        for (int i = 0; i < 4; i++) {
            scratch[CLIENT_OCTETS + 4 + i] = (byte) (stamp >>> (24 - 8 * i));
        }
        long hash = secrets(nowSeconds).now.mac(scratch, 0, withAddress(scratch, address));
        System.arraycopy(scratch, 0, out, at, HASH_AT);
        for (int i = 0; i < 8; i++) {
            out[at + HASH_AT + i] = (byte) (hash >>> (8 * i)); // little-endian, as SipHash has it
        }
    }

    private static int withAddress(byte[] scratch, byte[] address) {
        System.arraycopy(address, 0, scratch, HASH_AT, address.length);
        return HASH_AT + address.length;
    }

    private static int timestamp(byte[] cookie) {
        int stamp = 0;
        for (int i = CLIENT_OCTETS + 4; i < HASH_AT; i++) {
            stamp = stamp << 8 | (cookie[i] & 0xff);
        }
        return stamp;
    }

    private static long hash(byte[] cookie) {
        long hash = 0;
        for (int i = 7; i >= 0; i--) {
            hash = hash << 8 | (cookie[HASH_AT + i] & 0xff);
        }
        return hash;
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
