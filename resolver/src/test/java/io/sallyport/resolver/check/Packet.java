package io.sallyport.resolver.check;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes DNS messages octet by octet, sound or not. */
public final class Packet {
    public static final int NOERROR = 0x8180;
    public static final int NXDOMAIN = 0x8183;

    private final int id;
    private int flags;
    private int questions;
    private final int[] counts = new int[3];
    private final ByteArrayOutputStream tail = new ByteArrayOutputStream();

    public Packet(int id, int flags) {
        this.id = id;
        this.flags = flags;
    }

    /** A reply to this question, with flags QR, RD, RA. */
    public static Packet to(Question question) {
        return new Packet(0, NOERROR).question(question.name().octets(), question.type(), 1);
    }

    public static Question question(String name, int type) {
        return new Question(WireName.parse(name), type, false, false, AddressFilter.PUBLIC);
    }

    public Packet flags(int newFlags) {
        flags = newFlags;
        return this;
    }

    public Packet question(byte[] name, int type, int rrClass) {
        questions++;
        return raw(name).u16(type).u16(rrClass);
    }

    public Packet answer(String owner, int type, long ttl, byte... rdata) {
        return record(0, name(owner), type, 1, ttl, rdata);
    }

    public Packet authority(String owner, int type, long ttl, byte... rdata) {
        return record(1, name(owner), type, 1, ttl, rdata);
    }

    public Packet additional(String owner, int type, long ttl, byte... rdata) {
        return record(2, name(owner), type, 1, ttl, rdata);
    }

    public Packet opt() {
        return record(2, new byte[1], 41, 1232, 0);
    }

    /** A record in section 0 to 2, everything as given. */
    public Packet record(
            int section, byte[] owner, int type, int rrClass, long ttl, byte... rdata) {
        counts[section]++;
        return raw(owner)
                .u16(type)
                .u16(rrClass)
                .u16((int) (ttl >>> 16))
                .u16((int) ttl)
                .u16(rdata.length)
                .raw(rdata);
    }

    /** Claims records that may not be there. */
    public Packet count(int section, int more) {
        counts[section] += more;
        return this;
    }

    public Packet raw(byte... octets) {
        tail.writeBytes(octets);
        return this;
    }

    public byte[] octets() {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        for (int value : new int[] {id, flags, questions, counts[0], counts[1], counts[2]}) {
            message.write(value >>> 8);
            message.write(value);
        }
        message.writeBytes(tail.toByteArray());
        return message.toByteArray();
    }

    public int length() {
        return 12 + tail.size();
    }

    private Packet u16(int value) {
        tail.write(value >>> 8);
        tail.write(value);
        return this;
    }

    /** A name's octets, case kept; "@" points to the question. */
    public static byte[] name(String text) {
        if (text.equals("@")) {
            return pointer(12);
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        if (!text.equals(".")) {
            for (String label : text.split("\\.", -1)) {
                octets.write(label.length());
                octets.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        octets.write(0);
        return octets.toByteArray();
    }

    public static byte[] pointer(int target) {
        return new byte[] {(byte) (0xc0 | target >>> 8), (byte) target};
    }

    public static byte[] address(String literal) {
        return Cidr.address(literal);
    }

    /** SOA rdata with this MINIMUM. */
    public static byte[] soa(long minimum) {
        return join(name("ns.example.com"), name("root.example.com"), new byte[16], u32(minimum));
    }

    public static byte[] u32(long value) {
        return new byte[] {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }
}
