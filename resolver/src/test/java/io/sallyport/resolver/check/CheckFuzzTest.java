package io.sallyport.resolver.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * The check against dnsjava's reading of the same messages, and against broken ones. Always the
 * same messages.
 */
class CheckFuzzTest {
    private static final int MESSAGES = 4000;
    private static final int MUTATIONS = 60_000;
    private static final String[] LABELS = {
        "www", "API", "cdn", "a", "Example", "net", "com", "x-1", "_dns"
    };

    private final Random random = new Random(20_260_801);

    @Test
    void agreesWithAnotherParserOnSoundMessages() throws IOException {
        int withAddresses = 0;
        for (int i = 0; i < MESSAGES; i++) {
            int type =
                    new int[] {Type.A, Type.AAAA, Type.MX, Type.TXT, Type.CNAME}[random.nextInt(5)];
            Message message = soundMessage(type);
            byte[] octets = message.toWire(65_535);
            Question question = questionOf(message);
            Check.Outcome outcome = Check.check(octets, octets.length, question, false, 0);

            assertThat(outcome).as("%s", message).isInstanceOf(Check.Accepted.class);
            Answer answer = ((Check.Accepted) outcome).answer();
            Message read = new Message(octets);
            assertThat(Arrays.stream(answer.addresses()).map(Arrays::toString))
                    .as("%s", message)
                    .containsExactlyElementsOf(addressesOf(read, type));
            assertThat(rendered(answer, question))
                    .as("%s", message)
                    .isEqualTo(chainOf(read, type, answer.ttl()));
            withAddresses += answer.addresses().length > 0 ? 1 : 0;
        }
        assertThat(withAddresses).isGreaterThan(MESSAGES / 5);
    }

    @Test
    void brokenMessageNeverThrowsAndNeverLeaksAnAddress() throws IOException {
        int accepted = 0;
        int malformed = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Message message = soundMessage(random.nextBoolean() ? Type.A : Type.AAAA);
            byte[] octets = mutated(message.toWire(65_535));
            Question question =
                    new Question(
                            questionOf(message).name(),
                            questionOf(message).type(),
                            random.nextBoolean(),
                            false,
                            AddressFilter.PUBLIC);
            switch (Check.check(octets, octets.length, question, true, 0)) {
                case Check.Accepted(var answer) -> {
                    accepted++;
                    assertSound(answer, question);
                }
                case Check.Failed failed -> assertThat(failed.rcode()).isNotEqualTo(3);
                case Check.Malformed() -> malformed++;
            }
        }
        assertThat(accepted).isGreaterThan(MUTATIONS / 20);
        assertThat(malformed).isGreaterThan(MUTATIONS / 20);
    }

    @Test
    void noiseNeverThrows() {
        Question question = Packet.question("www.example.com", 1);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] octets = new byte[random.nextInt(300)];
            random.nextBytes(octets);
            byte[] start = Packet.to(question).count(0, 1 + random.nextInt(3)).octets();
            if (random.nextBoolean()) {
                octets = Packet.join(start, octets);
            }
            Check.check(octets, octets.length, question, false, 0);
        }
    }

    /**
     * Sound frames around rdata of every treated type that is nearly, but mostly not, what the type
     * demands.
     */
    @Test
    void rdataNoiseNeverThrows() throws IOException {
        int[] types = {
            1, 2, 5, 6, 12, 13, 15, 16, 17, 26, 28, 33, 39, 46, 47, 50, 64, 65, 99, 257, 65_280
        };
        int accepted = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            int type = types[random.nextInt(types.length)];
            WireName name = WireName.parse("www.example.com");
            Question question =
                    new Question(name, type, random.nextBoolean(), false, AddressFilter.PUBLIC);
            Packet packet = Packet.to(question);
            for (int records = 1 + random.nextInt(3); records > 0; records--) {
                int other = random.nextBoolean() ? type : types[random.nextInt(types.length)];
                packet.record(
                        random.nextInt(2), Packet.name("@"), other, 1, random.nextInt(), rdata());
            }
            byte[] octets = packet.octets();
            if (Check.check(octets, octets.length, question, false, 0)
                            instanceof Check.Accepted(var answer)
                    && answer.rcode() == 0) {
                accepted++;
                assertThat(answer.recordEnds()).hasSize(answer.answers() + answer.authorities());
            }
        }
        assertThat(accepted).isGreaterThan(MUTATIONS / 50);
    }

    private byte[] rdata() {
        byte[] fixed = new byte[new int[] {0, 0, 2, 4, 6, 16, 18, 20}[random.nextInt(8)]];
        if (random.nextBoolean()) {
            random.nextBytes(fixed);
        }
        byte[] name =
                random.nextBoolean() ? Packet.name("a.b") : Packet.pointer(12 + random.nextInt(60));
        byte[] tail = new byte[new int[] {0, 0, 1, 4, 8, 20}[random.nextInt(6)]];
        for (int i = 0; i < tail.length; i++) {
            tail[i] = (byte) random.nextInt(8);
        }
        return random.nextInt(4) == 0 ? fixed : Packet.join(fixed, name, tail);
    }

    /** What holds for every answer, however it came about. */
    private static void assertSound(Answer answer, Question question) throws IOException {
        int[] ends = answer.recordEnds();
        assertThat(ends).hasSize(answer.answers() + answer.authorities()).isSorted();
        assertThat(answer.ttlOffsets()).hasSameSizeAs(ends);
        assertThat(ends.length == 0 ? 0 : ends[ends.length - 1]).isEqualTo(answer.body().length);
        assertThat(answer.ttl()).isBetween(0, 300);
        for (int offset : answer.ttlOffsets()) {
            assertThat(Octets.s32(answer.body(), offset)).isEqualTo(answer.ttl());
        }
        int told = 0;
        for (Record record : read(answer, question).getSection(Section.ANSWER)) {
            if (record instanceof ARecord || record instanceof AAAARecord) {
                assertThat(answer.addresses()[told++]).isEqualTo(record.rdataToWireCanonical());
            }
        }
        assertThat(answer.addresses().length).isEqualTo(told);
        assertThat(Arrays.stream(answer.addresses())).allMatch(AddressFilter.PUBLIC::permits);
    }

    private byte[] mutated(byte[] octets) {
        byte[] mutated = octets.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(mutated.length);
            switch (random.nextInt(5)) {
                case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> mutated[at] = (byte) random.nextInt(256);
                case 2 -> mutated[at] = (byte) 0xc0;
                case 3 -> mutated = Arrays.copyOf(mutated, Math.max(1, at));
                default -> mutated = Arrays.copyOf(mutated, mutated.length + random.nextInt(4));
            }
        }
        return mutated;
    }

    private Message soundMessage(int type) throws IOException {
        Name asked = name();
        Message message = new Message(random.nextInt(65_536));
        Header header = message.getHeader();
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RD);
        header.setFlag(Flags.RA);
        message.addRecord(Record.newRecord(asked, type, DClass.IN), Section.QUESTION);
        List<Record> answers = new ArrayList<>();
        Name owner = asked;
        for (int links = type == Type.CNAME ? 0 : random.nextInt(4); links > 0; links--) {
            Name target = new Name("l" + links, name());
            answers.add(new CNAMERecord(owner, DClass.IN, ttl(), target));
            owner = target;
        }
        int kept = random.nextInt(4);
        for (int i = 0; i < kept && (type != Type.CNAME || i == 0); i++) {
            answers.add(record(owner, type));
        }
        for (int noise = random.nextInt(3); noise > 0; noise--) {
            answers.add(record(new Name("noise", name()), random.nextBoolean() ? type : Type.TXT));
        }
        shuffleKeepingKept(answers);
        answers.forEach(record -> message.addRecord(record, Section.ANSWER));
        if (kept == 0) {
            header.setRcode(random.nextBoolean() ? Rcode.NXDOMAIN : Rcode.NOERROR);
            message.addRecord(
                    new SOARecord(
                            /* name= */ Name.root,
                            DClass.IN,
                            ttl(),
                            /* host= */ name(),
                            name(),
                            1,
                            2,
                            3,
                            4,
                            ttl()),
                    Section.AUTHORITY);
        } else if (random.nextBoolean()) {
            message.addRecord(new NSRecord(owner, DClass.IN, ttl(), name()), Section.AUTHORITY);
        }
        if (random.nextBoolean()) {
            message.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        }
        return message;
    }

    /**
     * Moves links about; records of one owner and type keep their order, which is that of the
     * answer.
     */
    private void shuffleKeepingKept(List<Record> records) {
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i) instanceof CNAMERecord) {
                Record moved = records.remove(i);
                records.add(random.nextInt(records.size() + 1), moved);
            }
        }
    }

    private Record record(Name owner, int type) throws IOException {
        return switch (type) {
            case Type.A ->
                    new ARecord(
                            owner,
                            DClass.IN,
                            ttl(),
                            inet(random.nextInt(3) == 0 ? "10.0.0." : "93.184.216."));
            case Type.AAAA ->
                    new AAAARecord(
                            owner,
                            DClass.IN,
                            ttl(),
                            inet(random.nextInt(3) == 0 ? "fd00::" : "2606:4700::"));
            case Type.MX -> new MXRecord(owner, DClass.IN, ttl(), random.nextInt(100), name());
            case Type.CNAME -> new CNAMERecord(owner, DClass.IN, ttl(), name());
            default -> new TXTRecord(owner, DClass.IN, ttl(), "text" + random.nextInt(100));
        };
    }

    private InetAddress inet(String prefix) throws IOException {
        return InetAddress.getByName(prefix + random.nextInt(100));
    }

    private long ttl() {
        return random.nextInt(1000);
    }

    private Name name() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            text.append(LABELS[random.nextInt(LABELS.length)])
                    .append(random.nextInt(30))
                    .append('.');
        }
        return Name.fromString(text.toString());
    }

    private static Question questionOf(Message message) {
        byte[] name = message.getQuestion().getName().toWireCanonical();
        return new Question(
                WireName.ofLowered(name, 0, name.length),
                message.getQuestion().getType(),
                false,
                false,
                AddressFilter.PUBLIC);
    }

    /** The same rule, written on dnsjava's objects. */
    private static List<Record> onChain(Message message, int type) {
        List<Record> answers = message.getSection(Section.ANSWER);
        List<Record> chain = new ArrayList<>();
        Name owner = message.getQuestion().getName();
        while (type != Type.CNAME) {
            Name at = owner;
            var link =
                    answers.stream()
                            .filter(record ->
                                    record instanceof CNAMERecord && record.getName().equals(at))
                            .findFirst();
            if (link.isEmpty()) {
                break;
            }
            chain.add(link.get());
            owner = ((CNAMERecord) link.get()).getTarget();
        }
        Name last = owner;
        answers.stream()
                .filter(record -> record.getType() == type && record.getName().equals(last))
                .forEach(chain::add);
        return chain;
    }

    private static List<String> addressesOf(Message message, int type) {
        return onChain(message, type).stream()
                .filter(record -> record instanceof ARecord || record instanceof AAAARecord)
                .map(Record::rdataToWireCanonical)
                .filter(AddressFilter.PUBLIC::permits)
                .map(Arrays::toString)
                .toList();
    }

    private static List<String> chainOf(Message message, int type, int ttl) {
        List<Record> chain = onChain(message, type);
        boolean address = type == Type.A || type == Type.AAAA;
        List<Record> kept =
                chain.stream()
                        .filter(record ->
                                !address
                                        || record instanceof CNAMERecord
                                        || AddressFilter.PUBLIC.permits(
                                                record.rdataToWireCanonical()))
                        .toList();
        boolean hadAddress = chain.stream().anyMatch(record -> record.getType() == type);
        boolean hasAddress = kept.stream().anyMatch(record -> record.getType() == type);
        return (hadAddress && !hasAddress ? List.<Record>of() : kept)
                .stream().map(record -> line(record, ttl)).toList();
    }

    private static List<String> rendered(Answer answer, Question question) throws IOException {
        return read(answer, question).getSection(Section.ANSWER).stream()
                .map(record -> line(record, answer.ttl()))
                .toList();
    }

    private static String line(Record record, int ttl) {
        return (record.getName()
                        + " "
                        + ttl
                        + " "
                        + Type.string(record.getType())
                        + " "
                        + record.rdataToString())
                .toLowerCase(Locale.ROOT);
    }

    private static Message read(Answer answer, Question question) throws IOException {
        byte[] header = {
            0,
            0,
            (byte) 0x81,
            (byte) 0x80,
            0,
            1,
            (byte) (answer.answers() >>> 8),
            (byte) answer.answers(),
            (byte) (answer.authorities() >>> 8),
            (byte) answer.authorities(),
            0,
            0
        };
        byte[] tail = {0, (byte) question.type(), 0, 1};
        return new Message(Packet.join(header, question.name().octets(), tail, answer.body()));
    }
}
