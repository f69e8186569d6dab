package io.sallyport.resolver.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.FakeLookup.Layout;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Ancestors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * A desk that is asked anything, and looks at what must hold for every reply: it is well formed and
 * fits, its addresses were pinned before, nothing was looked up for a denied name, nothing was
 * thrown.
 */
final class Hall {
    /** Bits of what chooses the circumstances of a message. */
    static final int TCP = 1;

    private static final int STRANGER = 2;
    private static final int PENDING = 4;
    private static final int PIN_FAILS = 8;
    private static final int EVERY_NAME = 16;

    private static final WireName ALLOWED = WireName.parse("allowed.example");
    private static final int UDP_PAYLOAD = 1232;

    private final Desk desk = new Desk(System::nanoTime, Limits.NONE, Events.NOBODY);
    private final Set<ByteBuffer> open = new HashSet<>();
    private boolean opens = true;

    Hall() {
        network(
                "10.0.0.2",
                Desk.rules(".allowed.example", "", false, Set.of(), Ancestors.NXDOMAIN));
        network("10.0.0.4", Desk.rules("", ".denied.example", true, Set.of(255), Ancestors.NODATA));
        desk.networks.put(
                new Network("n3", List.of(Cidr.parse("10.0.0.3")), Policy.PENDING, this::pin));
        answers();
    }

    private void network(String address, Policy.Rules rules) {
        desk.networks.put(
                new Network(
                        address, List.of(Cidr.parse(address)), Policy.compile(rules), this::pin));
    }

    private boolean pin(byte[][] addresses, int[] ports, int seconds) {
        for (byte[] address : addresses) {
            open.add(ByteBuffer.wrap(address));
        }
        return opens;
    }

    private void answers() {
        desk.lookup.cache.put("www.allowed.example/1", FakeLookup.addresses(3));
        desk.lookup.cache.put("many.allowed.example/1", FakeLookup.addresses(60));
        desk.lookup.cache.put(
                "www.allowed.example/28",
                new Layout().record("c00c", Packet.AAAA, new byte[16]).answer(0, 300, 0));
        desk.lookup.cache.put("no.allowed.example/1", FakeLookup.negative(0));
        desk.lookup.upstream.put("far.allowed.example/1", FakeLookup.addresses(2));
        desk.lookup.upstream.put("gone.allowed.example/1", FakeLookup.negative(3));
        desk.lookup.upstream.put("text.allowed.example/16", FakeLookup.text("words", 90));
        desk.lookup.cache.put(
                "unpinned.allowed.example/1",
                new Layout()
                        .record("c00c", Packet.A, new byte[4])
                        .forgetAddresses()
                        .answer(0, 300, 0));
    }

    /** Asks, checks the reply, and gives it without the length that TCP puts in front. */
    byte[] ask(int how, byte[] message) throws IOException {
        boolean tcp = (how & TCP) != 0;
        boolean all = (how & EVERY_NAME) != 0;
        opens = (how & PIN_FAILS) == 0;
        desk.lookup.asked.clear();
        desk.answers.clear();
        desk.silences = 0;
        open.clear();
        String from = all ? "10.0.0.4" : "10.0.0.2";
        from = (how & PENDING) != 0 ? "10.0.0.3" : from;
        from = (how & STRANGER) != 0 ? "192.0.2.1" : from;

        byte[] reply = desk.ask(message, from, tcp);

        assertThat(desk.answers.size() + desk.silences).as("one reply or silence").isEqualTo(1);
        assertThat(desk.counters.value(Count.DROPPED_FAULT)).as("faults").isZero();
        boolean known = (how & (PENDING | STRANGER)) == 0;
        assertThat(desk.lookup.asked)
                .as("looked up")
                .allMatch(question -> known && (all || question.name().isAtOrBelow(ALLOWED)));
        if (reply.length == 0) {
            assertThat(message.length < 12 || message[2] < 0).as("may be silent").isTrue();
            return reply;
        }
        byte[] bare = tcp ? Arrays.copyOfRange(reply, 2, reply.length) : reply;
        if (tcp) {
            assertThat(Packet.framed(bare)).isEqualTo(reply);
        }
        assertSound(message, bare, tcp, all);
        return bare;
    }

    private void assertSound(byte[] message, byte[] reply, boolean tcp, boolean all)
            throws IOException {
        assertThat(Arrays.copyOf(reply, 2)).as("id").isEqualTo(Arrays.copyOf(message, 2));
        assertThat(reply[2] & 0x84).as("QR=1, AA=0").isEqualTo(0x80);
        assertThat(reply[2] & 0x78).as("opcode").isEqualTo(message[2] & 0x78);
        assertThat(reply[3] & 0x40).as("Z").isZero();
        assertThat(message[2] & 0x80).as("an answer is never answered").isZero();
        Message read = new Message(reply);
        int payload = read.getOPT() == null ? 512 : UDP_PAYLOAD;
        assertThat(tcp || reply.length <= payload).as("fits").isTrue();
        if (read.getQuestion() != null) {
            int end = 12 + read.getQuestion().getName().length() + 4;
            assertThat(Arrays.copyOfRange(reply, 12, end))
                    .as("the question, octet for octet")
                    .isEqualTo(Arrays.copyOfRange(message, 12, end));
        }
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL}) {
            for (Record record : read.getSection(section)) {
                if (record instanceof ARecord || record instanceof AAAARecord) {
                    ByteBuffer address = ByteBuffer.wrap(record.rdataToWireCanonical());
                    assertThat(all || (opens && open.contains(address)))
                            .as("pinned: %s", record)
                            .isTrue();
                }
            }
        }
    }
}
