package io.sallyport.resolver.query;

import io.netty.buffer.ByteBuf;
import io.sallyport.resolver.name.WireName;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A flyweight over one query: each event loop has one and reads every message into it. What
 * outlives the message takes {@link #detached()}.
 *
 * <pre>
 *   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15      RFC 1035 §4.1.1, RFC 2535 §6.1
 * |                      ID                       |  0
 * |QR|   OPCODE  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |  2
 * |   QDCOUNT   |   ANCOUNT  |  NSCOUNT |  ARCOUNT |  4, 6, 8, 10
 * |  QNAME (at most 255)  |  QTYPE  |   QCLASS    | 12
 * | 0 | TYPE 41 | size | 0 | version | DO, Z | RDLEN | options      RFC 6891 §6.1.2
 * </pre>
 */
public final class Query {

    /**
     * What the gate decides. Everything but {@link #PASS} is answered at once, before any policy is
     * asked.
     */
    public enum Gate {
        PASS,
        /**
         * No query at all: too short, or an answer. Never answered, or two servers could talk for
         * ever.
         */
        SILENT,
        /** Malformed: FORMERR, header only. */
        MALFORMED,
        /** An opcode other than QUERY: NOTIMP, header only, all flags cleared (RFC 8906 §8.1.4). */
        OPCODE,
        /** EDNS version above 0: BADVERS (RFC 6891 §6.1.3). */
        VERSION,
        /** A class other than IN: REFUSED. */
        CLASS,
        /** Zone transfers and RRSIG: REFUSED. */
        TRANSFER,
        /** A pseudo-type that no question has (OPT, TSIG, NXNAME): FORMERR. */
        PSEUDO_TYPE,
        /** A meta-type that nobody implements (TKEY, SIG, MAILA, MAILB): NOTIMP. */
        META_TYPE
    }

    /** RFC 1035 §4.1.1. */
    static final int HEADER = 12;

    /**
     * Longest message that is read. A question takes at most 259 octets and an OPT without options
     * 11; cookies and padding (RFC 8467: to 128) are far below this.
     */
    public static final int MAX_OCTETS = 4096;

    /**
     * RFC 6891 §6.2.3: a smaller size is read as this; it is also the limit without EDNS (RFC 1035
     * §4.2.1).
     */
    static final int MIN_UDP_PAYLOAD = 512;

    /** The name, its type and class. */
    private static final int MAX_QUESTION = WireName.MAX_OCTETS + 4;

    private final byte[] packet;
    final byte[] question;
    final byte[] lowered;
    int id;
    int flags;
    int nameLength;
    int type;
    int payload;
    boolean edns;
    boolean dnssec;
    boolean keepalive;

    public Query() {
        this(new byte[MAX_OCTETS], new byte[MAX_QUESTION], new byte[WireName.MAX_OCTETS]);
    }

    private Query(byte[] packet, byte[] question, byte[] lowered) {
        this.packet = packet;
        this.question = question;
        this.lowered = lowered;
    }

    /** Reads the readable octets of a message; its indices do not move. */
    public Gate read(ByteBuf message) {
        int length = message.readableBytes();
        if (length > MAX_OCTETS) {
            message.getBytes(message.readerIndex(), packet, 0, HEADER);
            return GateKeeper.overlong(this, packet);
        }
        message.getBytes(message.readerIndex(), packet, 0, length);
        return GateKeeper.judge(this, packet, length);
    }

    /** As {@link #read(ByteBuf)}, of octets outside the heap. */
    public Gate read(MemorySegment memory, long offset, int length) {
        if (length > MAX_OCTETS) {
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, packet, 0, HEADER);
            return GateKeeper.overlong(this, packet);
        }
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, packet, 0, length);
        return GateKeeper.judge(this, packet, length);
    }

    /** A copy that outlives the message and the flyweight; it cannot read. */
    public Query detached() {
        Query copy =
                new Query(
                        new byte[0],
                        Arrays.copyOf(question, questionLength()),
                        Arrays.copyOf(lowered, nameLength));
        copy.id = id;
        copy.flags = flags;
        copy.nameLength = nameLength;
        copy.type = type;
        copy.payload = payload;
        copy.edns = edns;
        copy.dnssec = dnssec;
        copy.keepalive = keepalive;
        return copy;
    }

    public int id() {
        return id;
    }

    /** The four bits of the opcode, as they came. */
    public int opcode() {
        return flags >>> 11 & 0xf;
    }

    public boolean recursionDesired() {
        return (flags & Flags.RD) != 0;
    }

    public boolean authenticDataWanted() {
        return (flags & Flags.AD) != 0;
    }

    public boolean checkingDisabled() {
        return (flags & Flags.CD) != 0;
    }

    /** The name lower-cased, from offset 0; shared, valid until the next {@link #read}. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] lowered() {
        return lowered;
    }

    /** Octets of the name, root label included. */
    public int nameLength() {
        return nameLength;
    }

    /** Name, type and class exactly as the client spelt them, from offset 0. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] question() {
        return question;
    }

    public int questionLength() {
        return nameLength + 4;
    }

    public int type() {
        return type;
    }

    /** Whether the query had an OPT record, so that the answer may have one. */
    public boolean edns() {
        return edns;
    }

    /** The client's UDP payload size, never below 512; 512 without EDNS. */
    public int payload() {
        return payload;
    }

    /** The DO bit. */
    public boolean dnssec() {
        return dnssec;
    }

    /** Whether the client sent edns-tcp-keepalive (RFC 7828). */
    public boolean keepalive() {
        return keepalive;
    }
}
