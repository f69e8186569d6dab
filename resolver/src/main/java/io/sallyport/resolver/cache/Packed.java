package io.sallyport.resolver.cache;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An entry with its question as octets: a head of fixed size, then name, filter, text, records,
 * their ends and TTLs, addresses. A cache full of answers is no object more for the collector.
 */
final class Packed {
    /** Everything is at an offset that these octets divide. */
    static final int GRAIN = 8;

    private static final VarHandle LONG = handle(long[].class);
    private static final VarHandle INT = handle(int[].class);
    private static final VarHandle SHORT = handle(short[].class);

    private static final int SIZE = 0;
    private static final int KIND = 4;
    private static final int FAILURES = 5;
    private static final int VISITS = 6;
    private static final int REFRESHED = 7;
    private static final int HASH = 8;
    private static final int FROM = 16;
    private static final int HELD_SECONDS = 24;
    private static final int TYPE = 28;
    private static final int FLAGS = 30;
    private static final int NAME_LENGTH = 31;
    private static final int FILTER_LENGTH = 32;
    private static final int RCODE = 34;
    private static final int AUTHENTICATED = 35;
    private static final int ANSWERS = 36;
    private static final int AUTHORITIES = 38;
    private static final int TTL = 40;
    private static final int EXTENDED_ERROR = 44;
    private static final int TEXT_LENGTH = 46;
    private static final int BORN = 48;
    private static final int BODY_LENGTH = 56;
    private static final int ENDS = 58;
    private static final int TTLS = 60;
    private static final int ADDRESSES = 62;
    private static final int HEAD = 64;

    /** More would be counted as so many; nobody looks further than a handful. */
    private static final int MOST_FAILURES = 255;

    /** RFC 8914 gives codes of 16 bits, of which nobody uses the last. */
    private static final int NO_EXTENDED_ERROR = 0xffff;

    private static final byte[] NO_OCTETS = {};
    private static final byte[][] NO_ADDRESSES = {};

    private Packed() {}

    /** Octets that an entry takes, or more than {@code most} if it takes more or does not fit. */
    static int size(AnswerCache.Key key, Entry entry, int most) {
        Answer answer = entry.kept();
        long octets =
                HEAD
                        + key.question().name().length()
                        + (long) filter(key.question()).length
                        + answer.extraText().length() * 3L // UTF-8 takes no more
                        + answer.body().length
                        + 2L * (answer.recordEnds().length + answer.ttlOffsets().length)
                        + 17L * answer.addresses().length;
        return octets > most ? most + 1 : (int) (octets + GRAIN - 1) & -GRAIN;
    }

    static int size(byte[] octets, int at) {
        return (int) INT.get(octets, at + SIZE);
    }

    static long hash(byte[] octets, int at) {
        return (long) LONG.get(octets, at + HASH);
    }

    /** Whether it is for this question. */
    static boolean is(byte[] octets, int at, AnswerCache.Key key) {
        if ((long) LONG.get(octets, at + HASH) != key.hash()) {
            return false;
        }
        Question question = key.question();
        byte[] name = question.name().octets();
        byte[] filter = filter(question);
        int names = at + HEAD;
        int filters = names + name.length;
        return unsigned(octets, at + TYPE) == question.type()
                && octets[at + FLAGS] == flags(question)
                && (octets[at + NAME_LENGTH] & 0xff) == name.length
                && unsigned(octets, at + FILTER_LENGTH) == filter.length
                && Arrays.equals(octets, names, filters, name, 0, name.length)
                && Arrays.equals(
                        octets, filters, filters + filter.length, filter, 0, filter.length);
    }

    static boolean isFresh(byte[] octets, int at, long nowNanos) {
        long held = TimeUnit.SECONDS.toNanos((int) INT.get(octets, at + HELD_SECONDS));
        return nowNanos - (long) LONG.get(octets, at + FROM) < held;
    }

    /** How often somebody was told since it was kept, up to {@link Entry#POPULAR_HITS}. */
    static int visits(byte[] octets, int at) {
        return octets[at + VISITS];
    }

    static void setVisits(byte[] octets, int at, int visits) {
        octets[at + VISITS] = (byte) visits;
    }

    /** Marks that it is being asked for afresh; false if it was before. */
    static boolean refresh(byte[] octets, int at) {
        boolean first = octets[at + REFRESHED] == 0;
        octets[at + REFRESHED] = 1;
        return first;
    }

    /** Writes an entry that nobody has asked for yet, and that takes no more than this size. */
    static void write(byte[] octets, int at, int size, AnswerCache.Key key, Entry entry) {
        Question question = key.question();
        Answer answer = entry.kept();
        byte[] name = question.name().octets();
        byte[] filter = filter(question);
        byte[] text = octets(answer.extraText());
        INT.set(octets, at + SIZE, size);
        octets[at + KIND] = entry.kind.code;
        octets[at + FAILURES] = (byte) Math.min(entry.failures, MOST_FAILURES);
        octets[at + VISITS] = 0;
        octets[at + REFRESHED] = 0;
        LONG.set(octets, at + HASH, key.hash());
        LONG.set(octets, at + FROM, entry.fromNanos);
        INT.set(octets, at + HELD_SECONDS, entry.heldSeconds);
        setUnsigned(octets, at + TYPE, question.type());
        octets[at + FLAGS] = flags(question);
        octets[at + NAME_LENGTH] = (byte) name.length;
        setUnsigned(octets, at + FILTER_LENGTH, filter.length);
        octets[at + RCODE] = (byte) answer.rcode();
        octets[at + AUTHENTICATED] = (byte) (answer.authenticated() ? 1 : 0);
        setUnsigned(octets, at + ANSWERS, answer.answers());
        setUnsigned(octets, at + AUTHORITIES, answer.authorities());
        INT.set(octets, at + TTL, answer.ttl());
        setUnsigned(octets, at + EXTENDED_ERROR, answer.extendedError());
        setUnsigned(octets, at + TEXT_LENGTH, text.length);
        LONG.set(octets, at + BORN, answer.bornNanos());
        setUnsigned(octets, at + BODY_LENGTH, answer.body().length);
        setUnsigned(octets, at + ENDS, answer.recordEnds().length);
        setUnsigned(octets, at + TTLS, answer.ttlOffsets().length);
        setUnsigned(octets, at + ADDRESSES, answer.addresses().length);
        int to = put(octets, at + HEAD, name);
        to = put(octets, to, filter);
        to = put(octets, to, text);
        to = put(octets, to, answer.body());
        to = put(octets, to, answer.recordEnds());
        to = put(octets, to, answer.ttlOffsets());
        for (byte[] address : answer.addresses()) {
            octets[to++] = (byte) address.length;
            to = put(octets, to, address);
        }
    }

    static Entry read(byte[] octets, int at) {
        int text =
                at
                        + HEAD
                        + (octets[at + NAME_LENGTH] & 0xff)
                        + unsigned(octets, at + FILTER_LENGTH);
        int textLength = unsigned(octets, at + TEXT_LENGTH);
        int body = text + textLength;
        int ends = body + unsigned(octets, at + BODY_LENGTH);
        int ttls = ends + 2 * unsigned(octets, at + ENDS);
        int addresses = ttls + 2 * unsigned(octets, at + TTLS);
        Answer answer =
                new Answer(
                        octets[at + RCODE],
                        octets[at + AUTHENTICATED] != 0,
                        unsigned(octets, at + ANSWERS),
                        unsigned(octets, at + AUTHORITIES),
                        body == ends ? NO_OCTETS : Arrays.copyOfRange(octets, body, ends),
                        offsets(octets, ends, unsigned(octets, at + ENDS)),
                        offsets(octets, ttls, unsigned(octets, at + TTLS)),
                        (int) INT.get(octets, at + TTL),
                        (long) LONG.get(octets, at + BORN),
                        addresses(octets, addresses, unsigned(octets, at + ADDRESSES)),
                        extendedError(unsigned(octets, at + EXTENDED_ERROR)),
                        textLength == 0
                                ? ""
                                : new String(octets, text, textLength, StandardCharsets.UTF_8));
        return new Entry(
                Entry.Kind.of(octets[at + KIND]),
                answer,
                octets[at + FAILURES] & 0xff,
                (long) LONG.get(octets, at + FROM),
                (int) INT.get(octets, at + HELD_SECONDS),
                octets[at + VISITS]);
    }

    private static int extendedError(int code) {
        return code == NO_EXTENDED_ERROR ? Answer.NO_EXTENDED_ERROR : code;
    }

    private static byte flags(Question question) {
        return (byte)
                ((question.dnssec() ? 1 : 0)
                        | (question.checkingDisabled() ? 2 : 0)
                        | (question.filter().whole() ? 4 : 0));
    }

    /** The blocks that the answer may lie in; nothing for nearly every question. */
    private static byte[] filter(Question question) {
        List<Cidr> internal = question.filter().internal();
        if (internal.isEmpty()) {
            return NO_OCTETS;
        }
        byte[] octets = new byte[internal.size() * 18];
        int to = 0;
        for (Cidr block : internal) {
            octets[to] = (byte) (block.isIpv6() ? 6 : 4);
            octets[to + 1] = (byte) block.prefix();
            put(octets, to + 2, block.network());
            to += 18;
        }
        return octets;
    }

    private static byte[] octets(String text) {
        return text.isEmpty() ? NO_OCTETS : text.getBytes(StandardCharsets.UTF_8);
    }

    private static int put(byte[] octets, int to, byte[] what) {
        System.arraycopy(what, 0, octets, to, what.length);
        return to + what.length;
    }

    private static int put(byte[] octets, int to, int[] offsets) {
        for (int i = 0; i < offsets.length; i++) {
            setUnsigned(octets, to + 2 * i, offsets[i]);
        }
        return to + 2 * offsets.length;
    }

    private static int[] offsets(byte[] octets, int from, int count) {
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = unsigned(octets, from + 2 * i);
        }
        return offsets;
    }

    private static byte[][] addresses(byte[] octets, int from, int count) {
        if (count == 0) {
            return NO_ADDRESSES;
        }
        byte[][] addresses = new byte[count][];
        int at = from;
        for (int i = 0; i < count; i++) {
            int length = octets[at];
            addresses[i] = Arrays.copyOfRange(octets, at + 1, at + 1 + length);
            at += 1 + length;
        }
        return addresses;
    }

    private static int unsigned(byte[] octets, int at) {
        return (short) SHORT.get(octets, at) & 0xffff;
    }

    private static void setUnsigned(byte[] octets, int at, int value) {
        SHORT.set(octets, at, (short) value);
    }

    private static VarHandle handle(Class<?> view) {
        return MethodHandles.byteArrayViewVarHandle(view, ByteOrder.LITTLE_ENDIAN);
    }
}
