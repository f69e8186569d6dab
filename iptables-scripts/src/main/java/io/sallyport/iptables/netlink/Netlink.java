package io.sallyport.iptables.netlink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One socket to the kernel's netfilter. Requests from several threads take turns; each waits for
 * the kernel's acknowledgement, 200 ms at most.
 */
public final class Netlink implements AutoCloseable {

    /**
     * One entry of a set: an address, or an address and a port.
     *
     * @param high the upper 64 bits of an IPv6 address
     * @param low the lower 64 bits, or an IPv4 address
     * @param protocol an IANA number; 0 for an entry that is an address alone
     */
    public record Entry(long high, long low, int protocol, int port) {}

    /**
     * Entries of one family that go into one set, at most {@link #MOST_ENTRIES}.
     *
     * @param seconds how long they stay there
     */
    public record Addition(String set, boolean six, List<Entry> entries, int seconds) {
        public Addition {
            entries = List.copyOf(entries);
            if (entries.size() > MOST_ENTRIES) {
                throw new IllegalArgumentException(entries.size() + " entries in one message");
            }
        }
    }

    @FunctionalInterface
    private interface Refusal {
        /** The message at this place of a call was refused. */
        void refused(int place, int errno);
    }

    /** The kernel did not answer in time, or the socket is closed. */
    public static final int NO_ANSWER = 110;

    /** A resolver's pin takes 200 ms at most. */
    private static final int TIMEOUT_MILLIS = 200;

    /** A message of 60 IPv6 entries stays within one page, which the kernel copies in one piece. */
    public static final int MOST_ENTRIES = 60;

    /** An IPv6 entry with its port takes 48 octets, what stands before the entries 80 at most. */
    private static final int MOST_OCTETS = 80 + 48 * MOST_ENTRIES;

    private static final int OUT_OCTETS = 16_384;
    private static final int IN_OCTETS = 65536;

    private static final int NLM_REQUEST = 0x1;
    private static final int NLM_REQUEST_ACK = 0x1 | 0x4;
    private static final int NLM_REQUEST_DUMP = 0x1 | 0x300;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPSET_ADD = 6 << 8 | 9;
    private static final int IPSET_DELETE = 6 << 8 | 10;
    private static final int IPSET_PROTOCOL = 6;

    private final ReentrantLock turn = new ReentrantLock();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment out = arena.allocate(OUT_OCTETS, 8);
    private final MemorySegment in = arena.allocate(IN_OCTETS, 8);
    private final MemorySegment state = Native.state(arena);
    private final Message message = new Message(out.asByteBuffer());
    private final ByteBuffer answer = in.asByteBuffer().order(ByteOrder.nativeOrder());
    private final int socket;
    private int sequence;

    /** The first message of the call that is under way; the last one is at the sequence. */
    private int earliest;

    private boolean closed;

    private Netlink(int socket) {
        this.socket = socket;
    }

    /** Opens a socket in this process's network namespace, or in another one. */
    public static Netlink open(Optional<Path> namespace) {
        try {
            return new Netlink(
                    namespace.isEmpty() ? Native.socket(TIMEOUT_MILLIS) : within(namespace.get()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A socket belongs to the namespace it was made in; the thread that went there is thrown away.
     */
    private static int within(Path namespace) throws IOException {
        CompletableFuture<Integer> made = new CompletableFuture<>();
        Thread.ofPlatform()
                .name("netlink-namespace")
                .start(() -> {
                    try {
                        Native.enter(namespace);
                        made.complete(Native.socket(TIMEOUT_MILLIS));
                    } catch (IOException | RuntimeException e) {
                        made.completeExceptionally(e);
                    }
                });
        try {
            return made.join();
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
    }

    /**
     * Takes entries of one family out of a set; those that are not in it are passed over.
     *
     * @return 0, or the errno of the first refusal
     */
    public int delete(String set, boolean six, List<Entry> entries) {
        turn.lock();
        try {
            int refusal = closed ? NO_ANSWER : 0;
            for (int from = 0; from < entries.size() && refusal == 0; from += MOST_ENTRIES) {
                int to = Math.min(entries.size(), from + MOST_ENTRIES);
                Addition some = new Addition(set, six, entries.subList(from, to), 0);
                begin(IPSET_DELETE, NLM_REQUEST_ACK, family(some));
                entries(some);
                refusal = exchange(_ -> {});
            }
            return refusal;
        } finally {
            turn.unlock();
        }
    }

    /**
     * Adds entries to {@code hash:ip} or {@code hash:ip,port} sets, or renews their timeouts, with
     * as few calls as their messages have room in: the kernel takes the messages of a call in
     * order, tells of every refusal and acknowledges the last.
     *
     * @return for each addition 0, or the errno of its refusal; {@link #NO_ANSWER} where the kernel
     *     said nothing
     */
    public int[] add(List<Addition> additions) {
        int[] refusals = new int[additions.size()];
        turn.lock();
        try {
            int from = 0;
            while (from < refusals.length && !closed) {
                from = add(additions, from, refusals);
            }
            Arrays.fill(refusals, from, refusals.length, NO_ANSWER);
            return refusals;
        } finally {
            turn.unlock();
        }
    }

    /** Adds as many as one call has room for; returns where the rest begins. */
    private int add(List<Addition> additions, int from, int[] refusals) {
        message.clear();
        earliest = sequence + 1;
        int next = from;
        boolean last;
        do {
            Addition addition = additions.get(next++);
            last = next == refusals.length || message.room() < 2 * MOST_OCTETS;
            sequence++;
            message.begin(
                    IPSET_ADD, last ? NLM_REQUEST_ACK : NLM_REQUEST, sequence, family(addition));
            entries(addition);
            message.finish();
        } while (!last);
        int result = exchange(message.size(), _ -> {}, (at, errno) -> refusals[from + at] = errno);
        refusals[next - 1] = result;
        if (result == NO_ANSWER) {
            Arrays.fill(refusals, from, next, NO_ANSWER);
        }
        return next;
    }

    private static int family(Addition addition) {
        return addition.six() ? AF_INET6 : AF_INET;
    }

    private void entries(Addition some) {
        message.octet(1, IPSET_PROTOCOL)
                .octets(2, (some.set() + "\0").getBytes(StandardCharsets.US_ASCII))
                .number(9, 0);
        int list = message.open(8);
        for (Entry entry : some.entries()) {
            int data = message.open(7);
            int address = message.open(1);
            message.address(some.six(), entry.high(), entry.low());
            message.close(address);
            if (entry.protocol() != 0) {
                message.networkShort(4, entry.port()).octet(7, entry.protocol());
            }
            message.networkNumber(6, some.seconds());
            message.close(data);
        }
        message.close(list);
    }

    /** Sends a request of one attribute block and waits for its acknowledgement: 0 or an errno. */
    public int request(int type, int family, byte[] attributes) {
        turn.lock();
        try {
            if (attributes.length > OUT_OCTETS - Message.HEADER - Message.GENERIC) {
                throw new IllegalArgumentException("a request of " + attributes.length + " octets");
            }
            if (closed) {
                return NO_ANSWER;
            }
            begin(type, NLM_REQUEST_ACK, family);
            message.raw(attributes);
            return exchange(_ -> {});
        } finally {
            turn.unlock();
        }
    }

    /**
     * Asks for one object, named by attributes that are ready; it arrives as its attributes, valid
     * during the call. 0 or an errno.
     */
    public int ask(int type, int family, byte[] named, Consumer<ByteBuffer> answered) {
        turn.lock();
        try {
            if (closed) {
                return NO_ANSWER;
            }
            begin(type, NLM_REQUEST_ACK, family);
            message.raw(named);
            return exchange(answered);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Asks for all objects of a kind that a filter, attributes that are ready, lets through: each
     * arrives as its attributes, valid during the call. 0 or an errno.
     */
    public int dump(int type, int family, byte[] filter, Consumer<ByteBuffer> each) {
        turn.lock();
        try {
            if (closed) {
                return NO_ANSWER;
            }
            begin(type, NLM_REQUEST_DUMP, family);
            message.raw(filter);
            return exchange(each);
        } finally {
            turn.unlock();
        }
    }

    private void begin(int type, int flags, int family) {
        earliest = ++sequence;
        message.clear().begin(type, flags, sequence, family);
    }

    private int exchange(Consumer<ByteBuffer> each) {
        return exchange(message.finish(), each, (_, _) -> {});
    }

    private int exchange(int octets, Consumer<ByteBuffer> each, Refusal refusal) {
        long sent = Native.send(socket, out, octets, state);
        if (sent < 0) {
            return (int) -sent;
        }
        while (true) {
            long received = Native.receive(socket, in, state);
            if (received <= 0) {
                return received == 0 || received == -11 ? NO_ANSWER : (int) -received;
            }
            int result = read((int) received, each, refusal);
            if (result >= 0) {
                return result;
            }
        }
    }

    /** Walks the messages of one datagram: the errno of its end, or -1 when more will come. */
    private int read(int received, Consumer<ByteBuffer> each, Refusal refusal) {
        int at = 0;
        while (at + Message.HEADER <= received) {
            int length = answer.getInt(at);
            if (length < Message.HEADER || at + length > received) {
                return NO_ANSWER;
            }
            // A late answer to a request that was given up on is passed over.
            int type = answer.getShort(at + 4);
            int place = answer.getInt(at + 8) - earliest;
            if (place >= 0 && place < sequence - earliest && type == NLMSG_ERROR) {
                refusal.refused(place, errno(at, length));
            } else if (place == sequence - earliest) {
                if (type == NLMSG_DONE || type == NLMSG_ERROR) {
                    return errno(at, length);
                }
                if (length >= Message.HEADER + Message.GENERIC) {
                    int start = at + Message.HEADER + Message.GENERIC;
                    each.accept(
                            answer.slice(start, at + length - start)
                                    .order(ByteOrder.nativeOrder()));
                }
            }
            at += length + 3 & ~3;
        }
        return -1;
    }

    private int errno(int at, int length) {
        return length >= Message.HEADER + 4 ? -answer.getInt(at + Message.HEADER) : 0;
    }

    @Override
    public void close() {
        turn.lock();
        try {
            if (!closed) {
                closed = true;
                Native.close(socket);
                arena.close();
            }
        } finally {
            turn.unlock();
        }
    }
}
