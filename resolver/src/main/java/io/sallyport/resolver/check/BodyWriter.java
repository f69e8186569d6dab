package io.sallyport.resolver.check;

import java.util.Arrays;
import java.util.List;

/**
 * Renders kept records afresh: owners point to the question or to a name of the chain where it was
 * written, names in rdata are written out. Compression looks at no more names than the chain has,
 * so it costs the same for every message.
 */
final class BodyWriter {
    /**
     * What a message of 65,535 octets leaves beside header, question, OPT and an extended error
     * with its text.
     */
    static final int MAX_BODY = 64_000;

    private static final int HEADER = 12;
    private static final int QUESTION_TAIL = 4; // type and class
    private static final int MAX_POINTER = 0x3fff;
    private static final int CLASS_IN = 1;

    private final Message message;
    private final List<byte[]> chain;
    private final int[] written;
    private final int bodyStart;
    private byte[] body = new byte[192];
    private int[] ends = new int[8];
    private int[] ttls = new int[8];
    private int length;
    private int records;
    private int leastTtl = Integer.MAX_VALUE;
    private boolean broken;

    BodyWriter(Message message, Chain chain) {
        this.message = message;
        this.chain = chain.names();
        this.written = new int[this.chain.size()];
        this.bodyStart = HEADER + this.chain.getFirst().length + QUESTION_TAIL;
        this.written[0] = HEADER;
    }

    /** Writes the CNAME from the chain's name {@code link} to the next. */
    void writeLink(ResourceRecord cname, int link) {
        int rdata = begin(cname);
        written[link + 1] = bodyStart + length;
        writeOctets(chain.get(link + 1), 0, chain.get(link + 1).length);
        end(rdata);
    }

    void write(ResourceRecord kept) {
        int rdata = begin(kept);
        Layout layout = Layout.of(kept.type());
        int at = kept.at();
        if (layout != Layout.OPAQUE) {
            writeOctets(message.octets(), at, layout.before);
            at += layout.before;
            for (int i = 0; i < layout.names; i++) {
                at = message.names().read(at, kept.end());
                if (at == NameReader.BROKEN) { // it was read before: the message's budget of name
                    // octets is spent
                    broken = true;
                    return;
                }
                byte[] name = message.names().name();
                writeOctets(name, 0, name.length);
            }
        }
        writeOctets(message.octets(), at, kept.end() - at);
        end(rdata);
    }

    int records() {
        return records;
    }

    /** The least TTL written, or {@link Integer#MAX_VALUE}. */
    int leastTtl() {
        return leastTtl;
    }

    /** Whether a record could not be written: the message asks for more than it may. */
    boolean isBroken() {
        return broken;
    }

    int[] recordEnds() {
        return Arrays.copyOf(ends, records);
    }

    int[] ttlOffsets() {
        return Arrays.copyOf(ttls, records);
    }

    /** The body with this TTL in every record. */
    byte[] body(int ttl) {
        for (int i = 0; i < records; i++) {
            Octets.put32(body, ttls[i], ttl);
        }
        return Arrays.copyOf(body, length);
    }

    /** Writes what stands before the rdata and returns where its length belongs. */
    private int begin(ResourceRecord kept) {
        writeOwner(kept.owner());
        reserve(10);
        Octets.put16(body, length, kept.type());
        Octets.put16(body, length + 2, CLASS_IN);
        if (records == ends.length) {
            ends = Arrays.copyOf(ends, records * 2);
            ttls = Arrays.copyOf(ttls, records * 2);
        }
        ttls[records] = length + 4;
        leastTtl = Math.min(leastTtl, kept.ttl());
        length += 10;
        return length - 2;
    }

    private void end(int rdataLength) {
        Octets.put16(body, rdataLength, length - rdataLength - 2);
        ends[records++] = length;
        broken |= length > MAX_BODY;
    }

    private void writeOwner(byte[] owner) {
        boolean root = owner.length == 1; // a pointer would be longer
        for (int i = 0; !root && i < written.length; i++) {
            byte[] name = chain.get(i);
            int start = name.length - owner.length;
            if (written[i] > 0
                    && written[i] + start <= MAX_POINTER
                    && Names.isAtOrBelow(name, owner)) {
                reserve(2);
                Octets.put16(body, length, 0xc000 | (written[i] + start));
                length += 2;
                return;
            }
        }
        writeOctets(owner, 0, owner.length);
    }

    private void writeOctets(byte[] source, int at, int count) {
        reserve(count);
        System.arraycopy(source, at, body, length, count);
        length += count;
    }

    private void reserve(int count) {
        if (length + count > body.length) {
            body = Arrays.copyOf(body, Math.max(body.length * 2, length + count));
        }
    }
}
