package io.sallyport.resolver.check;

import static io.sallyport.resolver.check.Packet.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.util.List;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;

/** Checks packets for tests, and reads answers back with another parser. */
final class Checking {
    private Checking() {}

    static Check.Outcome check(Packet packet, Question question) {
        byte[] octets = packet.octets();
        return Check.check(octets, octets.length, question, false, 0);
    }

    static Answer accepted(Packet packet, Question question) {
        return accepted(check(packet, question));
    }

    static Answer accepted(Check.Outcome outcome) {
        assertThat(outcome).isInstanceOf(Check.Accepted.class);
        return ((Check.Accepted) outcome).answer();
    }

    /** As dnsjava reads what the answer's writer will send. */
    static List<String> rendered(Answer answer, Question question, int section) throws IOException {
        byte[] header = {
            0,
            0,
            (byte) 0x81,
            (byte) 0x80,
            0,
            1,
            0,
            (byte) answer.answers(),
            0,
            (byte) answer.authorities(),
            0,
            0
        };
        byte[] tail = {0, (byte) question.type(), 0, 1};
        Message message = new Message(join(header, question.name().octets(), tail, answer.body()));
        return message.getSection(section).stream().map(Checking::line).toList();
    }

    static String line(Record record) {
        return record.toString().replaceAll("\\s+", " ");
    }
}
