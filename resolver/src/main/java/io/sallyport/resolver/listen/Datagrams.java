package io.sallyport.resolver.listen;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The memory of one event loop's datagrams, those that came in one system call and those that leave
 * in one. Made once, used again and again; belongs to one thread.
 *
 * <pre>
 * struct mmsghdr  0 name* | 8 namelen | 16 iov* | 24 iovlen | 32 control* | 40 controllen | 48 flags | 56 length
 * struct iovec    0 base* | 8 length
 * sockaddr_in     0 family | 2 port | 4 address          sockaddr_in6  0 family | 2 port | 8 address | 24 scope
 * </pre>
 */
final class Datagrams {
    /** Datagrams a system call: 64 take 128 kB, and the gain beyond is lost in the cache. */
    static final int BATCH = Journey.MOST_AT_ONCE;

    /**
     * A query is far smaller (RFC 9715: 1,232 at most); of a longer datagram the rest is thrown
     * away, and with it the whole of it.
     */
    private static final int IN = Query.MAX_OCTETS;

    /** No reply over UDP is longer than {@link Reply#UDP_PAYLOAD}. */
    private static final int OUT = 1280;

    private static final int HEADER = 64;
    private static final int VECTOR = 16;
    private static final int NAME = 32;
    private static final int NAME_LENGTH = 8;
    private static final int FLAGS = 48;
    private static final int LENGTH = 56;

    /** MSG_TRUNC. */
    private static final int CUT = 0x20;

    private static final short IPV4 = 2;
    private static final int IPV4_NAME = 16;
    private static final int IPV6_NAME = 28;
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment inHeaders = arena.allocate((long) BATCH * HEADER, 64);
    private final MemorySegment inNames = arena.allocate((long) BATCH * NAME, 64);
    private final MemorySegment inOctets = arena.allocate((long) BATCH * IN, 64);
    private final MemorySegment outHeaders = arena.allocate((long) BATCH * HEADER, 64);
    private final MemorySegment outVectors = arena.allocate((long) BATCH * VECTOR, 64);
    private final MemorySegment outNames = arena.allocate((long) BATCH * NAME, 64);
    private final MemorySegment outOctets = arena.allocate((long) BATCH * OUT, 64);
    private final Tally tally;
    private int waiting;
    private int from;

    Datagrams(Tally tally) {
        this.tally = tally;
        MemorySegment inVectors = arena.allocate((long) BATCH * VECTOR, 64);
        lay(inHeaders, inVectors, inNames, inOctets, IN);
        lay(outHeaders, outVectors, outNames, outOctets, OUT);
    }

    private static void lay(
            MemorySegment headers,
            MemorySegment vectors,
            MemorySegment names,
            MemorySegment octets,
            int size) {
        for (int i = 0; i < BATCH; i++) {
            long header = (long) i * HEADER;
            headers.set(JAVA_LONG, header, names.address() + (long) i * NAME);
            headers.set(JAVA_INT, header + NAME_LENGTH, NAME);
            headers.set(JAVA_LONG, header + 16, vectors.address() + (long) i * VECTOR);
            headers.set(JAVA_LONG, header + 24, 1);
            vectors.set(JAVA_LONG, (long) i * VECTOR, octets.address() + (long) i * size);
            vectors.set(JAVA_LONG, (long) i * VECTOR + 8, size);
        }
    }

    /** Takes what has come, at most {@link #BATCH}; returns how many. */
    int receive(int socket) {
        return Math.max(0, SystemCalls.receive(socket, inHeaders.address(), BATCH));
    }

    /** Where the octets of a datagram that came are. */
    MemorySegment memory() {
        return inOctets;
    }

    static long offset(int index) {
        return (long) index * IN;
    }

    /** The length of a datagram that came; for one that was cut more than any query has. */
    int length(int index) {
        long header = (long) index * HEADER;
        // What the kernel writes over is put back for its next call.
        inHeaders.set(JAVA_INT, header + NAME_LENGTH, NAME);
        return (inHeaders.get(JAVA_INT, header + FLAGS) & CUT) != 0
                ? Integer.MAX_VALUE
                : inHeaders.get(JAVA_INT, header + LENGTH);
    }

    long addressHigh(int index) {
        long name = (long) index * NAME;
        return isIpv4(index) ? 0 : inNames.get(LONG, name + 8);
    }

    long addressLow(int index) {
        long name = (long) index * NAME;
        return isIpv4(index)
                ? MAPPED | (inNames.get(INT, name + 4) & 0xffff_ffffL)
                : inNames.get(LONG, name + 16);
    }

    private boolean isIpv4(int index) {
        return inNames.get(JAVA_SHORT, (long) index * NAME) == IPV4;
    }

    /** Nobody listens on port 0. */
    private boolean hasPort(int index) {
        return inNames.get(JAVA_SHORT, (long) index * NAME + 2) != 0;
    }

    /** The socket address of who sent a datagram, to be kept. */
    byte[] name(int index) {
        byte[] name = new byte[isIpv4(index) ? IPV4_NAME : IPV6_NAME];
        MemorySegment.copy(inNames, JAVA_BYTE, (long) index * NAME, name, 0, name.length);
        return name;
    }

    /** Puts a reply to a datagram of this batch among those that leave next. */
    void reply(int index, int socket, Reply reply) {
        if (hasPort(index)) {
            put(
                    socket,
                    reply,
                    inNames.address() + (long) index * NAME,
                    isIpv4(index) ? IPV4_NAME : IPV6_NAME);
        }
    }

    /** As {@link #reply(int, int, Reply)}, to whoever had this name before. */
    void reply(byte[] name, int socket, Reply reply) {
        if ((name[2] | name[3]) != 0) {
            makeRoom(socket);
            long own = (long) waiting * NAME;
            MemorySegment.copy(name, 0, outNames, JAVA_BYTE, own, name.length);
            put(socket, reply, outNames.address() + own, name.length);
        }
    }

    private void put(int socket, Reply reply, long name, int nameLength) {
        makeRoom(socket);
        if (reply.length() > OUT) {
            throw new IllegalStateException("a reply over UDP with " + reply.length() + " octets");
        }
        long header = (long) waiting * HEADER;
        outHeaders.set(JAVA_LONG, header, name);
        outHeaders.set(JAVA_INT, header + NAME_LENGTH, nameLength);
        outVectors.set(JAVA_LONG, (long) waiting * VECTOR + 8, reply.length());
        MemorySegment.copy(
                reply.octets(),
                reply.from(),
                outOctets,
                JAVA_BYTE,
                (long) waiting * OUT,
                reply.length());
        waiting++;
    }

    private void makeRoom(int socket) {
        if (waiting == BATCH || (waiting > 0 && from != socket)) {
            send();
        }
        from = socket;
    }

    /**
     * Sends what waits, and returns how many that were. A datagram that cannot be sent is lost, as
     * datagrams are, and counted.
     */
    int send() {
        int count = waiting;
        int sent = 0;
        while (sent < waiting) {
            int taken =
                    SystemCalls.send(
                            from, outHeaders.address() + (long) sent * HEADER, waiting - sent);
            if (taken < 1) {
                tally.add(Count.DROPPED_SEND);
            }
            sent += Math.max(1, taken);
        }
        waiting = 0;
        return count;
    }
}
