package io.sallyport.resolver.validate;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC.Algorithm;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSEC3Record;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * What the validation of one question may cost, counted before the work is done: every message pays
 * here before the validator sees it. Limits that dnsjava has itself (8 signatures a set, 8 NSEC3
 * hashes a message, 4 keys a DS) come on top.
 */
final class Toll {
    /** A DS and a DNSKEY for each of 16 zones on the way, and their chain of aliases. */
    static final int MAX_QUERIES = 40;

    /** Those of four zones on the way, when others wait. */
    static final int MAX_DEPARTURES_IN_A_CROWD = 8;

    /** An NXDOMAIN of a zone that is signed twice has 8; a chain of aliases has one each. */
    static final int MAX_SIGNATURES_A_MESSAGE = 16;

    /** In all: some 60 ms, at 0.35 ms for each with ECDSA. */
    static final int MAX_CHECKS = 160;

    /** KeyTrap lives on keys that share a tag; two happen once in a while. */
    static final int MAX_SHARED_TAG = 4;

    /** Two algorithms, both rolling, have 8. */
    static final int MAX_KEYS = 16;

    /** RFC 9276 §3.1 wants 0, BIND stopped at 150; beyond 50 the validator says insecure. */
    static final int MAX_ITERATIONS = 150;

    /** RFC 5155 §7.2: three prove a denial; two chains may live side by side. */
    static final int MAX_NSEC3 = 8;

    /** 4096 bits with length octets and an exponent of 3: the exponent is half of the work. */
    private static final int MAX_RSA_OCTETS = 512 + 1 + 4;

    private static final int MAX_EXPONENT_OCTETS = 4;
    private static final int NO_EXTENDED_ERROR = -1;

    private int queries;
    private int departures;
    private int checks;
    private int sharedTag = 1;
    private int timing = NO_EXTENDED_ERROR;

    /** Pays for one more question to the upstreams. */
    boolean query() {
        return ++queries <= MAX_QUERIES;
    }

    /** Pays for one that nobody has asked yet, as far as is known here. */
    boolean departure(boolean crowded) {
        return ++departures <= MAX_DEPARTURES_IN_A_CROWD || !crowded;
    }

    /** Pays for looking at a message. */
    boolean message(Message message) {
        Map<Integer, Integer> tags = new HashMap<>();
        int signatures = 0;
        int denials = 0;
        int delegations = 0;
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
            for (Record each : message.getSection(section)) {
                if (!isOrdinary(each)) {
                    return false;
                }
                switch (each) {
                    case RRSIGRecord signature -> {
                        signatures++;
                        look(signature);
                    }
                    case DNSKEYRecord key ->
                            tags.merge(
                                    key.getFootprint() << 8 | key.getAlgorithm(), 1, Integer::sum);
                    case NSEC3Record denial -> denials++;
                    case DSRecord delegation -> delegations++;
                    default -> {}
                }
            }
        }
        int keys = tags.values().stream().mapToInt(Integer::intValue).sum();
        int shared = tags.values().stream().mapToInt(Integer::intValue).max().orElse(1);
        sharedTag = Math.max(sharedTag, shared);
        checks += signatures * sharedTag;
        return keys <= MAX_KEYS
                && shared <= MAX_SHARED_TAG
                && delegations <= MAX_KEYS
                && denials <= MAX_NSEC3
                && signatures <= MAX_SIGNATURES_A_MESSAGE
                && checks <= MAX_CHECKS;
    }

    int queries() {
        return queries;
    }

    /** The extended error for a signature out of its time, if there was one; dnsjava tells some. */
    int timing() {
        return timing;
    }

    /** Signatures that may have been looked at, times the keys that may have been tried. */
    int checks() {
        return checks;
    }

    private void look(RRSIGRecord signature) {
        Instant now = Instant.now();
        if (now.isAfter(signature.getExpire())) {
            timing = ExtendedErrorCodeOption.SIGNATURE_EXPIRED;
        } else if (now.isBefore(signature.getTimeSigned())) {
            timing = ExtendedErrorCodeOption.SIGNATURE_NOT_YET_VALID;
        }
    }

    private static boolean isOrdinary(Record each) {
        return switch (each) {
            // RFC 4035 §5.3.1: signed by the zone that it lies in
            case RRSIGRecord signature -> each.getName().subdomain(signature.getSigner());
            case DNSKEYRecord key -> isOrdinary(key);
            case NSEC3Record denial -> denial.getIterations() <= MAX_ITERATIONS;
            default -> true;
        };
    }

    /** RFC 3110 §2: a length of one octet, or zero and two octets; the exponent; the modulus. */
    private static boolean isOrdinary(DNSKEYRecord key) {
        byte[] octets = key.getKey();
        return switch (key.getAlgorithm()) {
            case Algorithm.RSASHA1,
                    Algorithm.RSA_NSEC3_SHA1,
                    Algorithm.RSASHA256,
                    Algorithm.RSASHA512 ->
                    octets.length <= MAX_RSA_OCTETS
                            && octets.length > 1
                            && octets[0] > 0
                            && octets[0] <= MAX_EXPONENT_OCTETS;
            default -> octets.length <= MAX_RSA_OCTETS;
        };
    }
}
