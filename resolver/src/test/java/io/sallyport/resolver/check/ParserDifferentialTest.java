package io.sallyport.resolver.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * The check and dnsjava read the same broken messages. What the check accepts, dnsjava reads to the
 * same records. What dnsjava refuses, the check does not accept, but for two known differences,
 * because neither is used or passed on: records of types that nobody asked for and the check does
 * not look into, such as LOC, and the options of an OPT beyond their lengths (RFC 6891 §6.1.2).
 */
class ParserDifferentialTest {
    private static final int MUTATIONS = 8_000;

    /**
     * A, NS, CNAME, SOA, PTR, HINFO, MX, TXT, AAAA, SRV, DNAME, RRSIG, NSEC, NSEC3, SVCB, HTTPS.
     */
    private static final Set<Integer> READ_BY_BOTH =
            Set.of(1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 39, 46, 47, 50, 64, 65);

    private static final WireName WWW = WireName.parse("www.example.com");
    private static final byte[] HONEST = Packet.address("93.184.216.34");

    private static Question question(int type) {
        return new Question(WWW, type, false, false, AddressFilter.PUBLIC);
    }

    private static Arguments row(String what, int type, Packet packet) {
        return Arguments.of(what, type, packet.octets());
    }

    static Stream<Arguments> messages() {
        byte[] https = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2'};
        return Stream.of(
                row("address", 1, to(1).answer("@", 1, 60, HONEST).opt()),
                row(
                        "chain",
                        1,
                        to(1).answer("@", 5, 60, Packet.name("a.example.net"))
                                .answer("a.example.net", 5, 60, Packet.name("b.example.org"))
                                .answer("b.example.org", 1, 60, HONEST)),
                row("aaaa", 28, to(28).answer("@", 28, 60, Packet.address("2606:4700::1"))),
                row(
                        "denial",
                        1,
                        to(1).flags(Packet.NXDOMAIN)
                                .authority("example.com", 6, 60, Packet.soa(5))),
                row("https", 65, to(65).answer("@", 65, 60, https)),
                row(
                        "mx",
                        15,
                        to(15).answer(
                                        "@",
                                        15,
                                        60,
                                        Packet.join(
                                                new byte[] {0, 1, 2, 'm', 'x'},
                                                Packet.pointer(16)))),
                row("txt", 16, to(16).answer("@", 16, 60, (byte) 2, (byte) 'o', (byte) 'k')),
                row(
                        "srv",
                        33,
                        to(33).answer("@", 33, 60, Packet.join(new byte[6], Packet.name("a.b")))));
    }

    private static Packet to(int type) {
        return Packet.to(question(type));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void bothReadTheSame(String what, int type, byte[] sound) throws IOException {
        long seed = 8_914L + type;
        Random random = new Random(seed);
        Set<String> outcomes = new HashSet<>();
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] octets = mutated(random, sound);
            String message = what + ", seed " + seed + ", " + i + ": " + Arrays.toString(octets);
            Message other = read(octets);
            if (Check.check(octets, octets.length, question(type), false, 0)
                    instanceof Check.Accepted(var answer)) {
                outcomes.add("accepted");
                if (other == null) {
                    assertThat(READ_BY_BOTH.containsAll(Frame.types(octets)))
                            .as("refused by dnsjava: " + message)
                            .isFalse();
                    AnswerFuzzTest.assertSound(answer, question(type));
                } else if (answer.rcode() == 0 && answer.answers() > 0) {
                    assertThat(lines(answered(answer, type), answer.ttl()))
                            .as(message)
                            .isEqualTo(lines(onChain(other, type), answer.ttl()));
                }
            } else {
                outcomes.add(other == null ? "refused by both" : "refused by the check");
            }
        }
        assertThat(outcomes)
                .as("the mutations reach every outcome")
                .contains("accepted", "refused by both", "refused by the check");
    }

    private static @Nullable Message read(byte[] octets) {
        try {
            return new Message(octets);
        } catch (IOException | RuntimeException e) {
            return null; // it complains of some values by exceptions that are not IOExceptions
        }
    }

    private static byte[] mutated(Random random, byte[] sound) {
        byte[] octets = sound.clone();
        for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
            int at = random.nextInt(octets.length);
            switch (random.nextInt(4)) {
                case 0 -> octets[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> octets[at] = (byte) random.nextInt(256);
                case 2 -> octets = Arrays.copyOf(octets, Math.max(1, at));
                default -> octets = Arrays.copyOf(octets, octets.length + random.nextInt(3));
            }
        }
        return octets;
    }

    private static List<Record> answered(Answer answer, int type) throws IOException {
        return AnswerFuzzTest.written(answer, question(type)).getSection(Section.ANSWER);
    }

    /** RFC 1034 §3.6.2 on dnsjava's objects: the links from the question, then what was asked. */
    private static List<Record> onChain(Message message, int type) {
        List<Record> chain = new ArrayList<>();
        Name owner = message.getQuestion().getName();
        for (int links = 0; links <= 16; links++) {
            Name at = owner;
            Record link =
                    message.getSection(Section.ANSWER).stream()
                            .filter(record -> isOf(record, at, Type.CNAME))
                            .findFirst()
                            .orElse(null);
            if (link == null) {
                break;
            }
            chain.add(link);
            owner = ((CNAMERecord) link).getTarget();
        }
        Name last = owner;
        message.getSection(Section.ANSWER).stream()
                .filter(record -> isOf(record, last, type))
                .filter(record ->
                        (type != Type.A && type != Type.AAAA)
                                || AddressFilter.PUBLIC.permits(record.rdataToWireCanonical()))
                .forEach(chain::add);
        return chain;
    }

    private static boolean isOf(Record record, Name owner, int type) {
        return record.getType() == type
                && record.getDClass() == 1
                && record.getName().equals(owner);
    }

    private static List<String> lines(List<Record> records, int ttl) {
        return records.stream()
                .map(record ->
                        record.getName().toString().toLowerCase(Locale.ROOT)
                                + " "
                                + ttl
                                + " "
                                + Type.string(record.getType())
                                + " "
                                + data(record))
                .toList();
    }

    /** Names are compared without case (RFC 4343), text with it. */
    private static String data(Record record) {
        return record.getType() == Type.TXT
                ? record.rdataToString()
                : record.rdataToString().toLowerCase(Locale.ROOT);
    }
}
