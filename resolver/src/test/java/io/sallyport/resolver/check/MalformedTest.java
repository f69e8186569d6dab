package io.sallyport.resolver.check;

import static io.sallyport.resolver.check.Packet.address;
import static io.sallyport.resolver.check.Packet.join;
import static io.sallyport.resolver.check.Packet.name;
import static io.sallyport.resolver.check.Packet.pointer;
import static io.sallyport.resolver.check.Packet.soa;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.question.Question;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that are discarded whole, and how little time that takes. */
class MalformedTest {
    private static final Question WWW = Packet.question("www.example.com", 1);
    private static final byte[] ADDRESS = address("93.184.216.34");
    private static final int FIRST_RECORD = 12 + 17 + 4;

    static Stream<Arguments> messages() {
        return Stream.of(
                named("nothing", new byte[0]),
                named("half a header", new byte[11]),
                named("a query", good().flags(0x0100)),
                named("opcode NOTIFY", good().flags(0xa180)),
                named("truncated", good().flags(0x8380)),
                named(
                        "no question",
                        new Packet(0, Packet.NOERROR).answer("www.example.com", 1, 60, ADDRESS)),
                named("two questions", Packet.to(WWW).question(name("www.example.com"), 1, 1)),
                named(
                        "another name",
                        Packet.to(Packet.question("wwx.example.com", 1))
                                .answer("@", 1, 60, ADDRESS)),
                named("another type", Packet.to(Packet.question("www.example.com", 28))),
                named(
                        "another class",
                        new Packet(0, Packet.NOERROR).question(name("www.example.com"), 1, 3)),
                named("trailing octet", good().raw((byte) 0)),
                named("one record missing", good().count(0, 1)),
                named("one record too many", good().count(0, -1)),
                named("A with 3 octets", Packet.to(WWW).answer("@", 1, 60, new byte[3])),
                named("A with 5 octets", Packet.to(WWW).answer("@", 1, 60, new byte[5])),
                named("A without octets", Packet.to(WWW).answer("@", 1, 60)),
                named("AAAA with 15 octets", Packet.to(WWW).answer("@", 28, 60, new byte[15])),
                named(
                        "broken record elsewhere",
                        good().additional("x.example.net", 1, 60, new byte[5])),
                named(
                        "CNAME with an octet behind",
                        Packet.to(WWW).answer("@", 5, 60, join(name("a.b"), new byte[1]))),
                named(
                        "CNAME cut short",
                        Packet.to(WWW).answer("@", 5, 60, new byte[] {3, 'a', 'b'})),
                named("empty CNAME", Packet.to(WWW).answer("@", 5, 60)),
                named(
                        "two CNAMEs",
                        Packet.to(WWW)
                                .answer("@", 5, 60, name("a.b"))
                                .answer("@", 5, 60, name("c.d"))),
                named(
                        "SOA cut short",
                        Packet.to(WWW)
                                .authority("@", 6, 60, Arrays.copyOf(soa(1), soa(1).length - 1))),
                named(
                        "SOA too long",
                        Packet.to(WWW)
                                .authority("@", 6, 60, Arrays.copyOf(soa(1), soa(1).length + 1))),
                named("MX without a name", Packet.to(WWW).answer("@", 15, 60, new byte[2])),
                named("TXT overrun", Packet.to(WWW).answer("@", 16, 60, new byte[] {5, 'a'})),
                named("empty TXT", Packet.to(WWW).answer("@", 16, 60)),
                named(
                        "CAA with an overlong tag",
                        Packet.to(WWW).answer("@", 257, 60, new byte[] {0, 9, 'x'})),
                named("address and NXDOMAIN", good().flags(Packet.NXDOMAIN)),
                named(
                        "rdata beyond the end",
                        Packet.to(WWW)
                                .count(0, 1)
                                .raw(
                                        join(
                                                name("@"),
                                                new byte[] {0, 16, 0, 1, 0, 0, 0, 0, 0, 9, 0}))),
                named(
                        "record cut in its header",
                        Packet.to(WWW).count(0, 1).raw(join(name("@"), new byte[] {0, 1, 0}))),
                named("two OPT", good().opt().opt()),
                named("OPT among answers", Packet.to(WWW).record(0, new byte[1], 41, 1232, 0)),
                named("OPT of another owner", Packet.to(WWW).record(2, name("a.b"), 41, 1232, 0)),
                named(
                        "OPT option overrun",
                        Packet.to(WWW)
                                .record(2, new byte[1], 41, 1232, 0, new byte[] {0, 3, 0, 5, 1})),
                named(
                        "OPT option cut short",
                        Packet.to(WWW).record(2, new byte[1], 41, 1232, 0, new byte[] {0, 3, 0})),
                named("pointer to itself", owner(pointer(FIRST_RECORD))),
                named("pointer forward", owner(pointer(FIRST_RECORD + 2))),
                named("pointer into the header", owner(pointer(4))),
                named(
                        "pointer loop of two",
                        owner(join(new byte[] {1, 'a'}, pointer(FIRST_RECORD)))),
                named("label type 0x40", owner(new byte[] {0x41, 0, 0})),
                named("label type 0x80", owner(new byte[] {(byte) 0x81, 0, 0})),
                named(
                        "name of 256 octets",
                        owner(
                                name(
                                        "a".repeat(63)
                                                + "."
                                                + "b".repeat(63)
                                                + "."
                                                + "c".repeat(63)
                                                + "."
                                                + "d".repeat(62)))),
                named("HTTPS keys descending", https(0, 3, 0, 2, 1, 0xbb, 0, 1, 0, 2, 1, 'x')),
                named("HTTPS key twice", https(0, 3, 0, 2, 1, 0xbb, 0, 3, 0, 2, 1, 0xbb)),
                named("HTTPS value overrun", https(0, 1, 0, 9, 1)),
                named("HTTPS mandatory key absent", https(0, 0, 0, 2, 0, 3)),
                named("HTTPS mandatory names itself", https(0, 0, 0, 2, 0, 0)),
                named("HTTPS protocol beyond its list", https(0, 1, 0, 3, 9, 'h', '2')),
                named("HTTPS empty protocol", https(0, 1, 0, 1, 0)),
                named("HTTPS no-default-alpn with a value", https(0, 2, 0, 1, 0)),
                named("NSEC without a name", proof(47, new byte[] {3, 'a'})),
                named("NSEC with a pointer", proof(47, join(pointer(12), new byte[] {0, 1, 64}))),
                named(
                        "NSEC window of 33 octets",
                        proof(47, join(name("a"), new byte[] {0, 33}, new byte[33]))),
                named("NSEC3 salt beyond the end", proof(50, new byte[] {1, 0, 0, 1, 9, 0})),
                named("HTTPS hint of 3 octets", https(0, 4, 0, 3, 1, 2, 3)),
                named("HTTPS empty alpn", https(0, 1, 0, 0)),
                named("HTTPS alpn with an empty identifier", https(0, 1, 0, 3, 1, 'x', 0)),
                named("HTTPS alpn overrun", https(0, 1, 0, 2, 2, 'x')),
                named("HTTPS no-default-alpn alone", https(0, 2, 0, 0)),
                named(
                        "HTTPS no-default-alpn with a value",
                        https(0, 1, 0, 2, 1, 'x', 0, 2, 0, 1, 0)),
                named("HTTPS reserved key", https(0xff, 0xff, 0, 0)),
                named(
                        "NAPTR with a compressed name",
                        Packet.to(WWW).answer("@", 35, 60, join(new byte[7], pointer(12)))),
                named("NAPTR cut short", Packet.to(WWW).answer("@", 35, 60, new byte[7])),
                named(
                        "NSEC with a compressed name",
                        Packet.to(WWW).authority("@", 47, 60, join(pointer(12), new byte[3]))),
                named(
                        "33 EDNS options",
                        good().record(2, new byte[1], 41, 1232, 0, new byte[33 * 4])),
                named(
                        "HTTPS compressed target",
                        Packet.to(WWW).answer("@", 65, 60, join(new byte[] {0, 1}, pointer(12)))),
                named("513 records", many(513)),
                named("names of more than 64 kB behind pointers", signatures()),
                named(
                        "RRSIG without signature",
                        Packet.to(WWW).answer("@", 46, 60, join(new byte[18], name("a.b")))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void isDiscardedWhole(String what, byte[] octets) {
        assertThat(Check.check(octets, octets.length, WWW, false, 0))
                .as(what)
                .isEqualTo(new Check.Malformed());
    }

    @Test
    void limitsLeaveHonestMessagesAlone() {
        byte[] most = many(512).octets();
        byte[] good = good().opt().octets();

        assertThat(Check.check(most, most.length, WWW, false, 0))
                .isInstanceOf(Check.Accepted.class);
        assertThat(Check.check(good, good.length, WWW, false, 0))
                .isInstanceOf(Check.Accepted.class);
    }

    @Test
    void looksNoFurtherThanTheLength() {
        byte[] good = good().octets();

        assertThat(Check.check(Arrays.copyOf(good, 4096), good.length, WWW, false, 0))
                .isInstanceOf(Check.Accepted.class);
    }

    static Stream<Arguments> bombs() {
        return Stream.of(
                named("3,985 names behind 111 pointers", nameBomb(3985)),
                named("512 names behind 111 pointers", nameBomb(512)),
                named("240 longest names", longNames()),
                named("chain of 512 look-alikes", lookAlikes()),
                named("512 NSEC and RRSIG look-alikes", signatures()),
                named("MX of longest names", exchanges()),
                named("HTTPS with 16,000 keys", keys()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bombs")
    void bombCostsLessThanTwentyMilliseconds(String what, byte[] octets) {
        Question question = new Question(WWW.name(), 1, true, false, WWW.filter());
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long start = threads.getCurrentThreadCpuTime();
            Check.check(octets, octets.length, question, false, 0);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - start);
        }
        assertThat(least).as(what).isLessThan(20_000_000L);
    }

    private static byte[] nameBomb(int names) {
        byte[] labels = new byte[0];
        Packet packet = Packet.to(WWW);
        int base = packet.length() + 2 + 10;
        byte[][] ladder = new byte[111][];
        for (int i = 0; i < ladder.length; i++) {
            ladder[i] =
                    join(
                            new byte[] {1, 'a'},
                            i == 0 ? new byte[1] : pointer(base + ladderOffset(i - 1)));
            labels = join(labels, ladder[i]);
        }
        packet.answer("@", 65280, 60, labels);
        int last = base + ladderOffset(ladder.length - 1);
        for (int i = 1; i < names; i++) {
            packet.record(0, pointer(last), 65280, 1, 60);
        }
        return packet.octets();
    }

    private static int ladderOffset(int index) {
        return index == 0 ? 0 : 3 + (index - 1) * 4;
    }

    private static byte[] longNames() {
        Packet packet = Packet.to(WWW);
        for (int i = 0; i < 240; i++) {
            packet.record(0, longest(i), 1, 1, 60, ADDRESS);
        }
        return packet.octets();
    }

    private static byte[] lookAlikes() {
        Packet packet = Packet.to(WWW);
        packet.record(0, pointer(12), 5, 1, 60, longest(0));
        int base = packet.length();
        for (int i = 1; i < 100; i++) {
            packet.record(0, longest(i % 16), 5, 1, 60, longest((i + 1) % 16));
        }
        for (int i = 100; i < 511; i++) {
            packet.record(
                    0,
                    pointer(base),
                    46,
                    1,
                    60,
                    join(new byte[] {0, 5}, new byte[16], new byte[1], new byte[1]));
        }
        return packet.octets();
    }

    private static byte[] signatures() {
        Packet packet = Packet.to(WWW);
        byte[] signature = join(new byte[] {0, 47}, new byte[16], new byte[1], new byte[1]);
        int base = packet.length();
        packet.record(1, longest(1), 46, 1, 60, signature);
        for (int i = 1; i < 256; i++) {
            packet.record(1, pointer(base), 46, 1, 60, signature);
            packet.record(1, pointer(base), 47, 1, 60, new byte[40]);
        }
        return packet.octets();
    }

    private static byte[] exchanges() {
        Packet packet = new Packet(0, Packet.NOERROR).question(name("www.example.com"), 1, 1);
        for (int i = 0; i < 200; i++) {
            packet.answer("@", 15, 60, join(new byte[2], longest(i)));
        }
        return packet.octets();
    }

    private static byte[] keys() {
        byte[] params = new byte[4 * 16_000];
        for (int i = 0; i < 16_000; i++) {
            params[4 * i] = (byte) ((i + 7) >>> 8);
            params[4 * i + 1] = (byte) (i + 7);
        }
        return Packet.to(WWW).answer("@", 65, 60, join(new byte[] {0, 1, 0}, params)).octets();
    }

    private static byte[] longest(int number) {
        byte[] name = new byte[255];
        for (int i = 0; i < 254; i += 2) {
            name[i] = 1;
            name[i + 1] = 'a';
        }
        name[251] = (byte) ('a' + number % 26);
        name[253] = (byte) ('a' + number / 26 % 26);
        return name;
    }

    private static Packet many(int records) {
        Packet packet = Packet.to(WWW);
        for (int i = 0; i < records; i++) {
            packet.answer("@", 1, 60, (byte) 93, (byte) 1, (byte) (i >>> 8), (byte) i);
        }
        return packet;
    }

    private static Packet owner(byte[] name) {
        return Packet.to(WWW).record(0, name, 1, 1, 60, ADDRESS);
    }

    private static Packet https(int... params) {
        byte[] octets = new byte[params.length];
        for (int i = 0; i < params.length; i++) {
            octets[i] = (byte) params[i];
        }
        return Packet.to(WWW).answer("@", 65, 60, join(new byte[] {0, 1, 0}, octets));
    }

    private static Packet proof(int type, byte[] rdata) {
        return Packet.to(WWW).flags(Packet.NXDOMAIN).authority("@", type, 60, rdata);
    }

    private static Packet good() {
        return Packet.to(WWW).answer("@", 1, 60, ADDRESS);
    }

    private static Arguments named(String what, Packet packet) {
        return Arguments.of(what, packet.octets());
    }

    private static Arguments named(String what, byte[] octets) {
        return Arguments.of(what, octets);
    }
}
