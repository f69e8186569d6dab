package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.probe.Probe.Result;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

class ReplyTest {
    @Test
    void recordsAreTheEvidence() throws Exception {
        Message message = message("denied.example.org.");
        message.addRecord(address("denied.example.org.", "93.184.217.3"), Section.ANSWER);
        Reply reply = parsed(message);
        assertThat(reply.judge().result()).isEqualTo(Result.OPEN);
        assertThat(reply.judge().happened())
                .isEqualTo("answered with 1 record, first address 93.184.217.3");
        assertThat(reply.owners()).containsExactly("denied.example.org");
    }

    @Test
    void recordsOfTheAllowedNameAreNot() throws Exception {
        Message message = message("www.example.com.");
        message.addRecord(address("WWW.example.com.", "93.184.216.35"), Section.ANSWER);
        assertThat(parsed(message).judge("denied.example.org").result()).isEqualTo(Result.BLOCKED);
        assertThat(parsed(message).judge("www.Example.com.").result()).isEqualTo(Result.OPEN);
    }

    @Test
    void refusalComesWithItsReasonAndNoControlCharacters() throws Exception {
        Message message = message("denied.example.org.");
        message.getHeader().setRcode(Rcode.NXDOMAIN);
        message.addRecord(
                new OPTRecord(
                        1232, 0, 0, 0, new ExtendedErrorCodeOption(15, "blocked\u001b[2J by acme")),
                Section.ADDITIONAL);
        assertThat(parsed(message).judge())
                .isEqualTo(Way.Seen.blocked("NXDOMAIN (15: blocked?[2J by acme)"));
    }

    @Test
    void emptyAnswerIsNoData() throws Exception {
        assertThat(parsed(message("denied.example.org.")).judge())
                .isEqualTo(Way.Seen.blocked("no data"));
    }

    @Test
    void nonsenseIsNoReply() throws Exception {
        Message message = message("denied.example.org.");
        message.addRecord(address("denied.example.org.", "93.184.217.3"), Section.ANSWER);
        byte[] whole = message.toWire();
        for (int length = 0; length < whole.length; length++) {
            assertThat(Reply.parse(Arrays.copyOf(whole, length))).isEmpty();
        }
        // The question's name is a pointer to itself.
        byte[] loop = new byte[64];
        loop[5] = 1;
        loop[12] = (byte) 0xc0;
        loop[13] = 12;
        assertThat(Reply.parse(loop)).isEmpty();
    }

    @Test
    void survivesWhateverComesIn() throws Exception {
        Random random = new Random(20261121);
        Message message = message("denied.example.org.");
        message.addRecord(address("denied.example.org.", "93.184.217.3"), Section.ANSWER);
        message.addRecord(
                new OPTRecord(1232, 0, 0, 0, new ExtendedErrorCodeOption(15, "no")),
                Section.ADDITIONAL);
        byte[] whole = message.toWire();
        int made = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] spoilt = whole.clone();
            for (int j = 0; j < 3; j++) {
                spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
            }
            made += Reply.parse(spoilt).map(Reply::judge).isPresent() ? 1 : 0;
        }
        assertThat(made).isBetween(1, 19_999);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a..b", "with space.example", "bücher.example"})
    void questionRefusesWhatIsNoHostName(String name) {
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> Question.labels(name));
    }

    @Test
    void ordinaryQuestionIsReadByOthers() throws Exception {
        Message query = new Message(Question.ordinary("www.example.com", Question.AAAA));
        assertThat(query.getQuestion())
                .isEqualTo(
                        Record.newRecord(
                                Name.fromString("www.example.com."), Type.AAAA, DClass.IN));
        assertThat(query.getHeader().getFlag(Flags.RD)).isTrue();
        assertThat(query.getOPT().getPayloadSize()).isEqualTo(1232);
    }

    @Test
    void optionIsReadByOthers() throws Exception {
        byte[] plain =
                Question.of(
                        Question.ORDINARY,
                        Question.labels("example.com"),
                        Question.A,
                        Question.INTERNET);
        Message query = new Message(Question.withOpt(plain, Question.opt(1, 65_001, new byte[16])));
        assertThat(query.getOPT().getVersion()).isEqualTo(1);
        assertThat(query.getOPT().getOptions(65_001)).hasSize(1);
    }

    private static Message message(String name) throws TextParseException {
        Message message =
                Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN));
        message.getHeader().setFlag(Flags.QR);
        return message;
    }

    private static Record address(String owner, String address) throws Exception {
        return new ARecord(
                Name.fromString(owner), DClass.IN, 60, java.net.InetAddress.ofLiteral(address));
    }

    private static Reply parsed(Message message) {
        return Reply.parse(message.toWire()).orElseThrow();
    }
}
