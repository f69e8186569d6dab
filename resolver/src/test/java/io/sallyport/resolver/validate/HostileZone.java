package io.sallyport.resolver.validate;

import io.sallyport.resolver.upstream.FakeUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DNSSEC.DNSSECException;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A root zone with a true key, and whatever else a hostile upstream puts beside it. */
final class HostileZone {
    private static final int ECDSAP256 = 13;
    private static final int UDP = 1232;

    final DNSKEYRecord key;
    private final KeyPair pair;
    private final Map<String, Message> answers = new HashMap<>();

    HostileZone() throws GeneralSecurityException, DNSSECException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        pair = generator.generateKeyPair();
        key = new DNSKEYRecord(Name.root, DClass.IN, 300, 257, 3, ECDSAP256, pair.getPublic());
    }

    Path anchor(Path directory) throws IOException {
        return Files.writeString(directory.resolve("anchor"), key.toString() + "\n");
    }

    /** The key with two words of it changed round: another key, the same tag. */
    DNSKEYRecord twin(int number) {
        byte[] octets = key.getKey().clone();
        int other = 2 * (number + 1);
        for (int i = 0; i < 2; i++) {
            byte first = octets[i];
            octets[i] = octets[other + i];
            octets[other + i] = first;
        }
        return new DNSKEYRecord(Name.root, DClass.IN, 300, 257, 3, ECDSAP256, octets);
    }

    RRSIGRecord sign(RRset set) throws DNSSECException {
        return sign(set, 3600);
    }

    RRSIGRecord sign(RRset set, int seconds) throws DNSSECException {
        Instant now = Instant.now();
        return DNSSEC.sign(
                set, key, pair.getPrivate(), now.minusSeconds(3600), now.plusSeconds(seconds));
    }

    /** As {@link #sign}, and wrong. */
    RRSIGRecord forge(RRset set, int number) throws DNSSECException {
        RRSIGRecord good = sign(set);
        byte[] signature = good.getSignature().clone();
        signature[number % signature.length] ^= (byte) (1 + number / signature.length);
        return new RRSIGRecord(
                good.getName(),
                good.getDClass(),
                good.getTTL(),
                good.getTypeCovered(),
                good.getAlgorithm(),
                good.getOrigTTL(),
                good.getExpire(),
                good.getTimeSigned(),
                good.getFootprint(),
                good.getSigner(),
                signature);
    }

    void answer(String name, int type, int rcode, int section, Record... records)
            throws IOException {
        Message message =
                answers.computeIfAbsent(
                        name + "/" + type,
                        question ->
                                Message.newQuery(
                                        Record.newRecord(
                                                Name.fromConstantString(name), type, DClass.IN)));
        message.getHeader().setFlag(Flags.QR);
        message.getHeader().setFlag(Flags.RA);
        message.getHeader().setRcode(rcode);
        for (Record record : records) {
            message.addRecord(record, section);
        }
    }

    void keys(DNSKEYRecord... keys) throws IOException, DNSSECException {
        RRset set = new RRset();
        Arrays.stream(keys).forEach(set::addRR);
        answer(".", Type.DNSKEY, 0, Section.ANSWER, keys);
        answer(".", Type.DNSKEY, 0, Section.ANSWER, sign(set));
    }

    /** Silent about everything that nobody has put here. */
    void reply(FakeUpstream.Query query) throws IOException {
        String name = new Name(query.name()).toString().toLowerCase(Locale.ROOT);
        Message message = answers.get(name + "/" + query.type());
        if (message == null) {
            return;
        }
        byte[] octets = message.toWire(0xffff);
        if (octets.length > UDP && !query.tcp) {
            octets = Arrays.copyOf(octets, 12 + query.name().length + 4);
            octets[2] |= 2;
            Arrays.fill(octets, 6, 12, (byte) 0);
        }
        System.arraycopy(query.octets, 0, octets, 0, 2);
        System.arraycopy(query.octets, 12, octets, 12, query.name().length);
        query.reply(octets);
    }
}
