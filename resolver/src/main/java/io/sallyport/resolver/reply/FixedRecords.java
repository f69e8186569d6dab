package io.sallyport.resolver.reply;

import io.sallyport.resolver.name.WireName;
import java.nio.charset.StandardCharsets;

/** Records that are the same in every reply. */
final class FixedRecords {
    /**
     * How long a client may remember a denial: a name that an admin allows works this soon in a new
     * session.
     */
    private static final int NEGATIVE_TTL = 5;

    /**
     * One synthetic SOA for every denial, owned by the root so that it stands above every name (RFC
     * 2308 §3).
     */
    static final byte[] SOA = soa();

    static final byte[] RFC_8482 = hinfo();

    /** Owner by pointer to the question, PTR, IN; TTL and name follow. */
    static final byte[] PTR = {(byte) 0xc0, 12, 0, 12, 0, 1};

    /**
     * Owner by pointer to the question, TXT, IN, as long as a denial; length and strings follow.
     */
    static final byte[] TXT = {(byte) 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, NEGATIVE_TTL};

    private FixedRecords() {}

    private static byte[] soa() {
        byte[] primary = WireName.parse("sallyport.invalid").octets();
        byte[] mailbox = WireName.parse("nobody.invalid").octets();
        int[] numbers = {
            1, 3600, 600, 86400, NEGATIVE_TTL
        }; // serial, refresh, retry, expire, minimum: only the last is read
        byte[] soa = new byte[11 + primary.length + mailbox.length + 4 * numbers.length];
        soa[2] = 6;
        soa[4] = 1;
        soa[8] = NEGATIVE_TTL;
        soa[10] = (byte) (soa.length - 11);
        System.arraycopy(primary, 0, soa, 11, primary.length);
        System.arraycopy(mailbox, 0, soa, 11 + primary.length, mailbox.length);
        int numberAt = 11 + primary.length + mailbox.length;
        for (int number : numbers) {
            soa[numberAt] = (byte) (number >> 24);
            soa[numberAt + 1] = (byte) (number >> 16);
            soa[numberAt + 2] = (byte) (number >> 8);
            soa[numberAt + 3] = (byte) number;
            numberAt += 4;
        }
        return soa;
    }

    /** Owner by pointer to the question, HINFO, IN, one hour, "RFC8482", "". */
    private static byte[] hinfo() {
        byte[] cpu = "RFC8482".getBytes(StandardCharsets.US_ASCII);
        byte[] record = new byte[14 + cpu.length];
        byte[] fixed = {
            (byte) 0xc0,
            12,
            0,
            13,
            0,
            1,
            0,
            0,
            14,
            16,
            0,
            (byte) (cpu.length + 2),
            (byte) cpu.length
        };
        System.arraycopy(fixed, 0, record, 0, fixed.length);
        System.arraycopy(cpu, 0, record, fixed.length, cpu.length);
        return record;
    }
}
