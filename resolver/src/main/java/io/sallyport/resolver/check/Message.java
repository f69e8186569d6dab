package io.sallyport.resolver.check;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A reply taken apart: every octet belongs to something that was understood, or there is no
 * message.
 *
 * <pre>
 *  0        2        4        6        8        10       12
 *  | id     | flags  | QD = 1 | AN     | NS     | AR     | question | answer | authority | additional |
 * </pre>
 */
final class Message {
    /** No honest answer comes near; a bomb does. */
    static final int MAX_RECORDS = 512;

    /** Two dozen kinds are known, a reply has two or three (CVE-2026-41292). */
    private static final int MAX_OPTIONS = 32;

    private static final int HEADER = 12;
    private static final int QUESTION_POINTER = 0xc00c;
    private static final int IN = 1;
    private static final int RESPONSE_OPCODE_TC = 0xfa00; // QR, opcode, TC
    private static final int RESPONSE = 0x8000;

    private final byte[] octets;
    private final int end;
    private final Question question;
    private final NameReader names;
    private final ResourceRecord[] records;
    private int answers;
    private int authorities;
    private boolean edns;
    private int extendedRcode;

    private Message(byte[] octets, int end, Question question, int records) {
        this.octets = octets;
        this.end = end;
        this.question = question;
        this.names = new NameReader(octets);
        this.records = new ResourceRecord[records];
    }

    /**
     * Takes the first {@code length} octets apart.
     *
     * @return null if anything is wrong with them, or they answer another question
     */
    static @Nullable Message parse(byte[] octets, int length, Question question) {
        if (length < HEADER
                || (Octets.u16(octets, 2) & RESPONSE_OPCODE_TC) != RESPONSE
                || Octets.u16(octets, 4) != 1) {
            return null;
        }
        int answers = Octets.u16(octets, 6);
        int authorities = Octets.u16(octets, 8);
        int records = answers + authorities + Octets.u16(octets, 10);
        if (records > MAX_RECORDS) {
            return null;
        }
        Message message = new Message(octets, length, question, records);
        message.answers = answers;
        message.authorities = authorities;
        return message.readAll() ? message : null;
    }

    byte[] octets() {
        return octets;
    }

    NameReader names() {
        return names;
    }

    /** The extended one (RFC 6891 §6.1.3) if there is an OPT. */
    int rcode() {
        return extendedRcode << 4 | (octets[3] & 0x0f);
    }

    /** Neither knows the zone (AA) nor asks others (RA). */
    boolean isLame() {
        return (octets[2] & 0x04) == 0 && (octets[3] & 0x80) == 0;
    }

    boolean isAuthenticated() {
        return (octets[3] & 0x20) != 0;
    }

    boolean hasEdns() {
        return edns;
    }

    /** Records of the answer section come first, those of the authority section from here on. */
    int answers() {
        return answers;
    }

    int answersAndAuthorities() {
        return answers + authorities;
    }

    ResourceRecord record(int index) {
        return records[index];
    }

    private boolean readAll() {
        int at = readQuestion();
        for (int i = 0; i < records.length && at != NameReader.BROKEN; i++) {
            at = readRecord(at, i);
        }
        return at == end;
    }

    private int readQuestion() {
        int at = names.read(HEADER, end);
        boolean asked =
                at != NameReader.BROKEN
                        && at + 4 <= end
                        && Octets.u16(octets, at) == question.type()
                        && Octets.u16(octets, at + 2) == IN
                        && Arrays.equals(names.name(), question.name().octets());
        return asked ? at + 4 : NameReader.BROKEN;
    }

    private int readRecord(int start, int index) {
        int at = names.read(start, end);
        if (at == NameReader.BROKEN || end - at < 10) {
            return NameReader.BROKEN;
        }
        int type = Octets.u16(octets, at);
        int rdata = at + 10;
        int length = Octets.u16(octets, at + 8);
        if (length > end - rdata) {
            return NameReader.BROKEN;
        }
        if (type == RrType.OPT) {
            return index >= answersAndAuthorities() && readOpt(at, rdata + length)
                    ? rdata + length
                    : NameReader.BROKEN;
        }
        byte[] owner = owner(start);
        if (!Rdata.isWellFormed(octets, names, type, rdata, rdata + length)) {
            return NameReader.BROKEN;
        }
        int ttl = Math.max(0, Octets.s32(octets, at + 4));
        records[index] =
                new ResourceRecord(owner, type, Octets.u16(octets, at + 2), ttl, rdata, length);
        return rdata + length;
    }

    /**
     * RFC 6891 §6.1.1: one at most, owned by the root, in the additional section; its options fill
     * it exactly.
     */
    private boolean readOpt(int at, int optEnd) {
        if (edns || !names.isRoot()) {
            return false;
        }
        edns = true;
        extendedRcode = octets[at + 4] & 0xff;
        int option = at + 10;
        for (int options = 0; option < optEnd; options++) {
            if (optEnd - option < 4 || options == MAX_OPTIONS) {
                return false;
            }
            option += 4 + Octets.u16(octets, option + 2);
        }
        return option == optEnd;
    }

    /** Most owners point to the question: they share its octets. */
    private byte[] owner(int start) {
        WireName asked = question.name();
        return Octets.u16(octets, start) == QUESTION_POINTER ? asked.octets() : names.name();
    }
}
