package io.sallyport.resolver.upstream;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;

/**
 * One query as it goes out, and what it takes to answer it. Made afresh for every try:
 *
 * <pre>
 * | random id | RD, CD | 1 0 0 1 | name in random case | type | IN | OPT: 1232 octets, DO, options |
 * </pre>
 *
 * <p>Options are ours alone: over a stream, how long it may stay (RFC 7828); over TLS, octets that
 * hide the length (RFC 7830), and the name in lower case, which nobody can see or answer.
 */
final class Query {
    /** DNS flag day 2020, RFC 9715: fits every path unfragmented. */
    static final int MAX_UDP = 1232;

    private static final int HEADER = 12;
    private static final int OPT = 11;
    private static final int OPTION = 4;
    private static final int KEEPALIVE = 11;
    private static final int PADDING = 12;
    private static final int BLOCK = 128; // RFC 8467 §4.1
    private static final int RECURSION_DESIRED = 0x01;
    private static final int AUTHENTIC_DATA = 0x20;
    private static final int CHECKING_DISABLED = 0x10;
    private static final int RESPONSE_AND_OPCODE = 0xf8;
    private static final int TRUNCATED = 0x02;
    private static final int FORMERR = 1;
    private static final int NOTIMP = 4;

    /** What carries it. */
    enum Carrier {
        UDP,
        TCP,
        TLS
    }

    /** How a message relates to a query. */
    enum Match {
        /** Everything fits. */
        ANSWER,
        /** Everything fits, and says that the rest did not. */
        TRUNCATED,
        /** Everything fits but the case of letters. */
        OTHER_CASE,
        /** A bare header of a server too old for EDNS. */
        NO_EDNS,
        /** Somebody else's, or nobody's. */
        STRANGER
    }

    private final byte[] octets;
    private final int questionEnd;
    private final boolean edns;
    private final Carrier carrier;

    /**
     * @param mixedCase whether the case of letters carries randomness (draft-vixie-dnsext-dns0x20)
     * @param authentic whether to ask for the AD bit (RFC 6840 §5.7)
     */
    Query(
            Question question,
            Carrier carrier,
            boolean mixedCase,
            boolean edns,
            boolean authentic,
            Randomness randomness) {
        byte[] name = question.name().octets();
        this.questionEnd = HEADER + name.length + 4;
        this.edns = edns;
        this.carrier = carrier;
        this.octets = new byte[questionEnd + (edns ? OPT + optionsLength() : 0)];
        byte[] random = new byte[2 + (mixedCase ? (name.length + 7) / 8 : 0)];
        randomness.fill(random, random.length);
        octets[0] = random[0];
        octets[1] = random[1];
        octets[2] = RECURSION_DESIRED;
        octets[3] =
                (byte)
                        ((question.checkingDisabled() ? CHECKING_DISABLED : 0)
                                | (authentic ? AUTHENTIC_DATA : 0));
        octets[5] = 1;
        System.arraycopy(name, 0, octets, HEADER, name.length);
        if (mixedCase) {
            mixCase(random, name.length);
        }
        octets[questionEnd - 4] = (byte) (question.type() >>> 8);
        octets[questionEnd - 3] = (byte) question.type();
        octets[questionEnd - 1] = 1;
        if (edns) {
            writeOpt(question.dnssec());
        }
    }

    byte[] octets() {
        return octets;
    }

    Carrier carrier() {
        return carrier;
    }

    int id() {
        return (octets[0] & 0xff) << 8 | (octets[1] & 0xff);
    }

    /** Another id, before it is sent. */
    void redraw(Randomness randomness) {
        randomness.fill(octets, 2);
    }

    boolean hasEdns() {
        return edns;
    }

    /** What a message of this length is to this query (RFC 5452 §9.1). */
    Match match(byte[] message, int length) {
        if (length < HEADER
                || message[0] != octets[0]
                || message[1] != octets[1]
                || (message[2] & RESPONSE_AND_OPCODE) != 0x80) {
            return Match.STRANGER;
        }
        int questions = (message[4] & 0xff) << 8 | (message[5] & 0xff);
        if (questions == 0 && length == HEADER && edns && refusesEdns(message[3] & 0x0f)) {
            return Match.NO_EDNS;
        }
        if (questions != 1 || length < questionEnd) {
            return Match.STRANGER;
        }
        return matchQuestion(message);
    }

    private Match matchQuestion(byte[] message) {
        boolean same = true;
        for (int i = HEADER; i < questionEnd; i++) {
            if (message[i] != octets[i]) {
                same = false;
                boolean inName = i < questionEnd - 4;
                if (!inName || WireName.lower(message[i]) != WireName.lower(octets[i])) {
                    return Match.STRANGER;
                }
            }
        }
        if (!same) {
            return Match.OTHER_CASE;
        }
        return (message[2] & TRUNCATED) != 0 ? Match.TRUNCATED : Match.ANSWER;
    }

    private static boolean refusesEdns(int rcode) {
        return rcode == FORMERR || rcode == NOTIMP;
    }

    private void mixCase(byte[] random, int length) {
        for (int i = 0; i < length; i++) {
            byte octet = octets[HEADER + i];
            if (octet >= 'a'
                    && octet <= 'z'
                    && (random[2 + i / 8] >> (i % 8) & 1) != 0) { // length octets are below 'a'
                octets[HEADER + i] = (byte) (octet - 32);
            }
        }
    }

    private void writeOpt(boolean dnssec) {
        int at = questionEnd;
        octets[11] = 1;
        octets[at + 2] = 41;
        octets[at + 3] = (byte) (MAX_UDP >>> 8);
        octets[at + 4] = (byte) MAX_UDP;
        octets[at + 7] = (byte) (dnssec ? 0x80 : 0);
        int options = octets.length - at - OPT;
        if (options > 0) {
            octets[at + 9] = (byte) (options >>> 8);
            octets[at + 10] = (byte) options;
            octets[at + OPT + 1] = KEEPALIVE;
        }
        if (options > OPTION) {
            int padding = options - 2 * OPTION;
            octets[at + OPT + OPTION + 1] = PADDING;
            octets[at + OPT + OPTION + 2] = (byte) (padding >>> 8);
            octets[at + OPT + OPTION + 3] = (byte) padding;
        }
    }

    private int optionsLength() {
        return switch (carrier) {
            case UDP -> 0;
            case TCP -> OPTION;
            case TLS -> {
                int bare = questionEnd + OPT + 2 * OPTION;
                yield 2 * OPTION + (BLOCK - bare % BLOCK) % BLOCK;
            }
        };
    }
}
