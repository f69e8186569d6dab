package io.sallyport.resolver.packet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Puts a message together octet by octet, so that it can be wrong in exactly one place. */
public final class Packet {
    public static final int A = 1;
    public static final int CNAME = 5;
    public static final int SOA = 6;
    public static final int TXT = 16;
    public static final int AAAA = 28;
    public static final int HTTPS = 65;
    public static final int ANY = 255;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Packet() {}

    /** Id 0x1234, RD, one question of class IN. */
    public static Packet query(String name, int type) {
        return header(0x0100, 1, 0, 0, 0).name(name).u16(type).u16(1);
    }

    /** The same with an OPT. */
    public static Packet ednsQuery(String name, int type) {
        return header(0x0100, 1, 0, 0, 1).name(name).u16(type).u16(1).opt(1232, 0, 0);
    }

    public static Packet header(
            int flags, int questions, int answers, int authorities, int additionals) {
        return new Packet()
                .u16(0x1234)
                .u16(flags)
                .u16(questions)
                .u16(answers)
                .u16(authorities)
                .u16(additionals);
    }

    public static Packet empty() {
        return new Packet();
    }

    public Packet name(String text) {
        if (!text.equals(".")) {
            for (String label : text.split("\\.", -1)) {
                label(label.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return u8(0);
    }

    public Packet label(byte[] octets) {
        return u8(octets.length).bytes(octets);
    }

    /** An OPT with options in hexadecimal. */
    public Packet opt(int payload, int version, int flags, String... options) {
        byte[] octets = HexFormat.of().parseHex(String.join("", options));
        return u8(0).u16(41)
                .u16(payload)
                .u8(0)
                .u8(version)
                .u16(flags)
                .u16(octets.length)
                .bytes(octets);
    }

    public Packet u8(int value) {
        out.write(value);
        return this;
    }

    public Packet u16(int value) {
        return u8(value >> 8).u8(value);
    }

    public Packet u32(int value) {
        return u16(value >>> 16).u16(value);
    }

    public Packet bytes(byte[] octets) {
        out.writeBytes(octets);
        return this;
    }

    public Packet hex(String octets) {
        return bytes(HexFormat.of().parseHex(octets.replace(" ", "")));
    }

    public byte[] octets() {
        return out.toByteArray();
    }

    /** The message with its length in front, as TCP has it. */
    public byte[] framed() {
        return framed(octets());
    }

    public static byte[] framed(byte[] message) {
        byte[] framed = new byte[message.length + 2];
        framed[0] = (byte) (message.length >> 8);
        framed[1] = (byte) message.length;
        System.arraycopy(message, 0, framed, 2, message.length);
        return framed;
    }

    /** The header as hexadecimal words: id flags qd an ns ar. */
    public static String headerOf(byte[] message) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 12; i += 2) {
            text.append(i == 0 ? "" : " ")
                    .append(HexFormat.of().formatHex(Arrays.copyOfRange(message, i, i + 2)));
        }
        return text.toString();
    }
}
