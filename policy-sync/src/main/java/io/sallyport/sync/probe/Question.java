package io.sallyport.sync.probe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** DNS queries on the wire (RFC 1035 §4.1), also such as no honest client sends. */
final class Question {
    static final int A = 1;
    static final int AAAA = 28;
    static final int TXT = 16;
    static final int AXFR = 252;
    static final int INTERNET = 1;

    /** Recursion desired. */
    static final int ORDINARY = 0x0100;

    private static final int HEADER = 12;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_NAME = 253;

    /** OPT: root owner, type 41, 1232 octets of UDP, version 0, no flags, no options. */
    private static final byte[] PLAIN_OPT = {0, 0, 41, 4, (byte) 0xd0, 0, 0, 0, 0, 0, 0};

    private Question() {}

    /** The labels of a host name, the last dot optional. */
    static List<byte[]> labels(String name) {
        String trimmed = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        List<byte[]> labels = new ArrayList<>();
        for (String label : trimmed.split("\\.", -1)) {
            boolean ascii = label.chars().allMatch(c -> c > ' ' && c < 0x7f);
            if (label.isEmpty()
                    || label.length() > LONGEST_LABEL
                    || trimmed.length() > LONGEST_NAME
                    || !ascii) {
                throw new IllegalArgumentException("\"" + name + "\" is not a host name");
            }
            labels.add(label.getBytes(StandardCharsets.US_ASCII));
        }
        return labels;
    }

    /** An ordinary query with EDNS, so that the answer may say why. */
    static byte[] ordinary(String name, int type) {
        return withOpt(of(ORDINARY, labels(name), type, INTERNET), PLAIN_OPT);
    }

    /** A query without EDNS; the id is for the sender to fill in. */
    static byte[] of(int flags, List<byte[]> labels, int type, int dnsClass) {
        return message(flags, 1, 0, question(labels, type, dnsClass));
    }

    static byte[] message(int flags, int questions, int additional, byte[] rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int word : new int[] {0, flags, questions, 0, 0, additional}) {
            word(out, word);
        }
        out.writeBytes(rest);
        return out.toByteArray();
    }

    static byte[] question(List<byte[]> labels, int type, int dnsClass) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] label : labels) {
            out.write(label.length);
            out.writeBytes(label);
        }
        out.write(0);
        word(out, type);
        word(out, dnsClass);
        return out.toByteArray();
    }

    /** The query with one more record at its end. */
    static byte[] withOpt(byte[] query, byte[] opt) {
        byte[] whole = join(query, opt);
        whole[HEADER - 1]++;
        return whole;
    }

    /** An OPT record of a version with one option. */
    static byte[] opt(int version, int option, byte... data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Arrays.copyOf(PLAIN_OPT, 6));
        out.write(version);
        word(out, 0);
        word(out, data.length + 4);
        word(out, option);
        word(out, data.length);
        out.writeBytes(data);
        return out.toByteArray();
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] whole = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, whole, first.length, second.length);
        return whole;
    }

    private static void word(ByteArrayOutputStream out, int word) {
        out.write(word >> 8);
        out.write(word);
    }
}
