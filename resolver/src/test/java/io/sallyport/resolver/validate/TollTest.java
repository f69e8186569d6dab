package io.sallyport.resolver.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSEC3Record;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What an honest zone may cost, and what is one too many. */
class TollTest {
    private static final Name ZONE = Name.fromConstantString("zone.test.");

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "signatures, 16, true",
        "signatures, 17, false",
        "keys, 16, true",
        "keys, 17, false",
        "delegations, 16, true",
        "delegations, 17, false",
        "denials, 8, true",
        "denials, 9, false",
        "iterations, 150, true",
        "iterations, 151, false",
        "iterations, 65535, false",
        "rsa-octets, 516, true",
        "rsa-octets, 518, false",
        "rsa-octets, 1, false",
        "exponent, 4, true",
        "exponent, 5, false",
        "exponent, 0, false",
    })
    void limits(String what, int number, boolean passes) {
        Message message = new Message();
        switch (what) {
            case "signatures" -> repeat(message, number, TollTest::signature);
            case "keys" -> repeat(message, number, i -> key(13, new byte[] {(byte) i, 1, 2}));
            case "delegations" -> repeat(message, number, TollTest::delegation);
            case "denials" -> repeat(message, number, i -> denial(i, 0));
            case "iterations" -> message.addRecord(denial(0, number), Section.AUTHORITY);
            case "rsa-octets" -> message.addRecord(key(8, rsa(3, number)), Section.ANSWER);
            case "exponent" -> message.addRecord(key(8, rsa(number, 260)), Section.ANSWER);
            default -> throw new IllegalArgumentException(what);
        }
        assertThat(new Toll().message(message)).isEqualTo(passes);
    }

    @Test
    void keysThatShareATagMakeEverySignatureDearer() {
        Toll toll = new Toll();
        Message keys = new Message();
        for (int i = 0; i < Toll.MAX_SHARED_TAG; i++) {
            byte[] octets = new byte[64];
            octets[2 * i] = 1; // in any word: the tag is their sum
            keys.addRecord(key(13, octets), Section.ANSWER);
        }
        keys.addRecord(signature(0), Section.ANSWER);
        assertThat(toll.message(keys)).isTrue();
        assertThat(toll.checks()).isEqualTo(4);

        Message many = new Message();
        repeat(many, 16, TollTest::signature);
        assertThat(toll.message(many)).isTrue();
        assertThat(toll.message(many)).isTrue();
        assertThat(toll.message(many)).as("4 + 3 × 64 is too much").isFalse();
    }

    @Test
    void signerMustBeAboveWhatItSigns() {
        Message message = new Message();
        message.addRecord(signature(ZONE, Name.fromConstantString("other.test.")), Section.ANSWER);
        assertThat(new Toll().message(message)).isFalse();
    }

    @Test
    void questionsAreCounted() {
        Toll toll = new Toll();
        for (int i = 0; i < Toll.MAX_QUERIES; i++) {
            assertThat(toll.query()).isTrue();
        }
        assertThat(toll.query()).isFalse();
    }

    private interface Make {
        Record record(int number);
    }

    private static void repeat(Message message, int count, Make make) {
        for (int i = 0; i < count; i++) {
            message.addRecord(make.record(i), Section.AUTHORITY);
        }
    }

    private static DNSKEYRecord key(int algorithm, byte[] octets) {
        return new DNSKEYRecord(ZONE, DClass.IN, 300, 256, 3, algorithm, octets);
    }

    /** A key of so many octets in all, so many of them its exponent. */
    private static byte[] rsa(int exponent, int octets) {
        byte[] key = new byte[octets];
        key[0] = (byte) exponent;
        return key;
    }

    private static Record signature(int number) {
        return signature(new Name(Name.fromConstantString("n" + number + ".zone.test."), 0), ZONE);
    }

    private static RRSIGRecord signature(Name owner, Name signer) {
        Instant now = Instant.now();
        return new RRSIGRecord(
                owner, DClass.IN, 300, Type.A, 13, 300, now, now, 1, signer, new byte[64]);
    }

    private static Record delegation(int number) {
        return new DSRecord(ZONE, DClass.IN, 300, number, 13, 2, new byte[32]);
    }

    private static Record denial(int number, int iterations) {
        return new NSEC3Record(
                Name.fromConstantString("h" + number + ".zone.test."),
                DClass.IN,
                300,
                1,
                0,
                iterations,
                new byte[0],
                new byte[20],
                new int[] {1});
    }
}
