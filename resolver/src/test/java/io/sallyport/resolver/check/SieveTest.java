package io.sallyport.resolver.check;

import static io.sallyport.resolver.check.Checking.accepted;
import static io.sallyport.resolver.check.Checking.rendered;
import static io.sallyport.resolver.check.Packet.address;
import static io.sallyport.resolver.check.Packet.join;
import static io.sallyport.resolver.check.Packet.name;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Section;

/** Records that were asked for and may not be told. */
class SieveTest {
    private static final Question WWW = Packet.question("www.example.com", 1);

    private static final byte[] ADDRESS = address("93.184.216.34");

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    A    | 10.0.0.1
                    A    | 127.0.0.1
                    A    | 169.254.169.254
                    A    | 0.0.0.0
                    A    | 224.0.0.1
                    AAAA | ::1
                    AAAA | fd00:ec2::254
                    AAAA | fe80::1
                    AAAA | 64:ff9b::a00:1
                    AAAA | 2002:a00:1::1
                    AAAA | ::10.0.0.1
                    """)
    void emptiesAnswerWithNothingButPrivateAddresses(String type, String literal) {
        int number = type.equals("A") ? 1 : 28;
        Question question = Packet.question("rebind.example.com", number);
        Answer answer =
                accepted(Packet.to(question).answer("@", number, 60, address(literal)), question);

        assertThat(answer.rcode()).isZero();
        assertThat(answer.body()).isEmpty();
        assertThat(answer.addresses()).isEmpty();
        assertThat(answer.extendedError()).isEqualTo(15);
        assertThat(answer.extraText())
                .isEqualTo("rebinding: the name has only private or special-purpose addresses");
        assertThat(answer.ttl()).isEqualTo(5);
    }

    @Test
    void dropsMappedAddress() {
        Question question = Packet.question("rebind.example.com", 28);
        byte[] mapped = join(new byte[10], new byte[] {-1, -1}, address("10.0.0.1"));

        assertThat(accepted(Packet.to(question).answer("@", 28, 60, mapped), question).addresses())
                .isEmpty();
    }

    @Test
    void dropsOnlyThePrivateAddresses() throws IOException {
        Answer answer =
                accepted(
                        Packet.to(WWW)
                                .answer("@", 1, 60, address("10.0.0.1"))
                                .answer("@", 1, 60, ADDRESS),
                        WWW);

        assertThat(answer.addresses()).isDeepEqualTo(new byte[][] {ADDRESS});
        assertThat(rendered(answer, WWW, Section.ANSWER)).hasSize(1);
        assertThat(answer.extendedError()).isEqualTo(Answer.NO_EXTENDED_ERROR);
    }

    @Test
    void internalNameKeepsItsPrivateBlock() {
        AddressFilter filter = new AddressFilter(List.of(Cidr.parse("10.1.0.0/16")));
        Question question =
                new Question(WireName.parse("db.corp.example"), 1, false, false, filter);
        Packet packet =
                Packet.to(question)
                        .answer("@", 1, 60, address("10.1.2.3"))
                        .answer("@", 1, 60, address("10.2.2.3"))
                        .answer("@", 1, 60, address("169.254.169.254"));

        assertThat(accepted(packet, question).addresses())
                .isDeepEqualTo(new byte[][] {address("10.1.2.3")});
    }

    @Test
    void keepsNoMoreAddressesThanCanBePinned() {
        Packet packet = Packet.to(WWW);
        for (int i = 0; i < 100; i++) {
            packet.answer("@", 1, 60, (byte) 93, (byte) 1, (byte) 1, (byte) i);
        }
        Answer answer = accepted(packet, WWW);

        assertThat(answer.addresses()).hasNumberOfRows(64);
        assertThat(answer.answers()).isEqualTo(64);
        assertThat(answer.addresses()[63]).containsExactly(93, 1, 1, 63);
    }

    @Test
    void serviceRecordWithAddressHintsIsDropped() {
        Question https = Packet.question("www.example.com", 65);
        byte[] plain = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2'};
        byte[] ipv4 = join(plain, new byte[] {0, 4, 0, 4, 8, 8, 8, 8});
        byte[] ech = join(plain, new byte[] {0, 5, 0, 1, 7});
        byte[] ipv6 = join(plain, new byte[] {0, 6, 0, 16}, address("2001:4860:4860::8888"));

        assertThat(accepted(Packet.to(https).answer("@", 65, 60, plain), https).answers())
                .isEqualTo(1);
        for (byte[] hinted : List.of(ipv4, ech, ipv6)) {
            Answer answer = accepted(Packet.to(https).answer("@", 65, 60, hinted), https);
            assertThat(answer.answers()).isZero();
            assertThat(answer.extendedError()).isEqualTo(17);
        }
    }
}
