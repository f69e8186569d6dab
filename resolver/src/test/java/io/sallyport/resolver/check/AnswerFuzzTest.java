package io.sallyport.resolver.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Any octets as an upstream's answer to a question about www.example.com. The first octet chooses
 * the question's type, whether proofs are wanted and whether AD is trusted.
 */
class AnswerFuzzTest {
    private static final int[] TYPES = {1, 28, 5, 65, 15, 16, 33, 6};
    private static final WireName NAME = WireName.parse("www.example.com");

    @FuzzTest
    void acceptsNothingThatCannotBeWrittenAndPinned(byte[] octets) throws IOException {
        int choice = octets.length == 0 ? 0 : octets[0];
        byte[] message = octets.length == 0 ? octets : Arrays.copyOfRange(octets, 1, octets.length);
        boolean proofs = (choice & 0x40) != 0;
        Question question =
                new Question(NAME, TYPES[choice & 7], proofs, false, AddressFilter.PUBLIC);
        boolean trusted = (choice & 0x20) != 0;

        switch (Check.check(message, message.length, question, trusted, 0)) {
            case Check.Accepted(var answer) -> {
                assertThat(Frame.isWhole(message)).as("accepted, so framed").isTrue();
                assertThat(answer.authenticated() && !trusted).isFalse();
                assertSound(answer, question);
            }
            case Check.Failed(var rcode, var _) -> {
                assertThat(Frame.isWhole(message)).as("failed, so framed").isTrue();
                assertThat(rcode).isNotEqualTo(3);
            }
            case Check.Malformed() -> {}
        }
    }

    /** Holds for every answer, however it came about. */
    static void assertSound(Answer answer, Question question) throws IOException {
        int[] ends = answer.recordEnds();
        assertThat(ends).hasSize(answer.answers() + answer.authorities()).isSorted();
        assertThat(answer.ttlOffsets()).hasSameSizeAs(ends);
        assertThat(ends.length == 0 ? 0 : ends[ends.length - 1]).isEqualTo(answer.body().length);
        assertThat(answer.ttl()).isBetween(0, 300);
        for (int offset : answer.ttlOffsets()) {
            assertThat(Octets.s32(answer.body(), offset)).isEqualTo(answer.ttl());
        }
        Message written = written(answer, question);
        assertThat(written.getSection(Section.ANSWER)).hasSize(answer.answers());
        assertThat(written.getSection(Section.AUTHORITY)).hasSize(answer.authorities());
        List<byte[]> told = new ArrayList<>();
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
            for (Record record : written.getSection(section)) {
                if (record instanceof ARecord || record instanceof AAAARecord) {
                    told.add(record.rdataToWireCanonical());
                }
            }
        }
        assertThat(told)
                .usingElementComparator(Arrays::compare)
                .containsExactly(answer.addresses());
        assertThat(Arrays.stream(answer.addresses())).allMatch(AddressFilter.PUBLIC::permits);
    }

    /** What a client would read, by another parser; its complaint is a finding. */
    static Message written(Answer answer, Question question) throws IOException {
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
        byte[] tail = {(byte) (question.type() >>> 8), (byte) question.type(), 0, 1};
        return new Message(Packet.join(header, question.name().octets(), tail, answer.body()));
    }
}
