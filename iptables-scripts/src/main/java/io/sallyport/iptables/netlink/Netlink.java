package io.sallyport.iptables.netlink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

    /** The kernel did not answer in time, or the socket is closed. */
    public static final int NO_ANSWER = 110;

    /** A resolver's pin takes 200 ms at most. */
    private static final int TIMEOUT_MILLIS = 200;

    /** A message of 60 IPv6 entries stays within one page, which the kernel copies in one piece. */
    private static final int ENTRIES_A_MESSAGE = 60;

    private static final int OUT_OCTETS = 8192;
    private static final int IN_OCTETS = 65536;

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
     * Adds entries of one family to a {@code hash:ip} or {@code hash:ip,port} set, or renews their
     * timeouts.
     *
     * @return 0, or the errno of the first refusal; entries before it are in
     */
    public int add(String set, boolean six, List<Entry> entries, int seconds) {
        return change(IPSET_ADD, set, six, entries, seconds);
    }

    /**
     * Takes entries of one family out of a set; those that are not in it are passed over.
     *
     * @return 0, or the errno of the first refusal
     */
    public int delete(String set, boolean six, List<Entry> entries) {
        return change(IPSET_DELETE, set, six, entries, 0);
    }

    private int change(int command, String set, boolean six, List<Entry> entries, int seconds) {
        turn.lock();
        try {
            if (closed) {
                return NO_ANSWER;
            }
            for (int from = 0; from < entries.size(); from += ENTRIES_A_MESSAGE) {
                int to = Math.min(entries.size(), from + ENTRIES_A_MESSAGE);
                int refusal = some(command, set, six, entries.subList(from, to), seconds);
                if (refusal != 0) {
                    return refusal;
                }
            }
            return 0;
        } finally {
            turn.unlock();
        }
    }

    private int some(int command, String set, boolean six, List<Entry> entries, int seconds) {
        begin(command, NLM_REQUEST_ACK, six ? AF_INET6 : AF_INET);
        message.octet(1, IPSET_PROTOCOL)
                .octets(2, (set + "\0").getBytes(StandardCharsets.US_ASCII))
                .number(9, 0);
        int list = message.open(8);
        for (Entry entry : entries) {
            int data = message.open(7);
            int address = message.open(1);
            message.address(six, entry.high(), entry.low());
            message.close(address);
            if (entry.protocol() != 0) {
                message.networkShort(4, entry.port()).octet(7, entry.protocol());
            }
            message.networkNumber(6, seconds);
            message.close(data);
        }
        message.close(list);
        return exchange(_ -> {});
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
     * Asks for one object, which arrives as its attributes, valid during the call. 0 or an errno.
     */
    public int ask(int type, int family, Consumer<ByteBuffer> answered) {
        turn.lock();
        try {
            if (closed) {
                return NO_ANSWER;
            }
            begin(type, NLM_REQUEST_ACK, family);
            return exchange(answered);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Asks for all objects of a kind: each arrives as its attributes, valid during the call. 0 or
     * an errno.
     */
    public int dump(int type, int family, Consumer<ByteBuffer> each) {
        turn.lock();
        try {
            if (closed) {
                return NO_ANSWER;
            }
            begin(type, NLM_REQUEST_DUMP, family);
            return exchange(each);
        } finally {
            turn.unlock();
        }
    }

    private void begin(int type, int flags, int family) {
        sequence++;
        message.begin(type, flags, sequence, family);
    }

    private int exchange(Consumer<ByteBuffer> each) {
        long sent = Native.send(socket, out, message.finish(), state);
        if (sent < 0) {
            return (int) -sent;
        }
        while (true) {
            long received = Native.receive(socket, in, state);
            if (received <= 0) {
                return received == 0 || received == -11 ? NO_ANSWER : (int) -received;
            }
            int result = read((int) received, each);
            if (result >= 0) {
                return result;
            }
        }
    }

    /** Walks the messages of one datagram: the errno of its end, or -1 when more will come. */
    private int read(int received, Consumer<ByteBuffer> each) {
        int at = 0;
        while (at + Message.HEADER <= received) {
            int length = answer.getInt(at);
            if (length < Message.HEADER || at + length > received) {
                return NO_ANSWER;
            }
            // A late answer to a request that was given up on is passed over.
            if (answer.getInt(at + 8) == sequence) {
                int type = answer.getShort(at + 4);
                if (type == NLMSG_DONE || type == NLMSG_ERROR) {
                    return length >= Message.HEADER + 4 ? -answer.getInt(at + Message.HEADER) : 0;
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
