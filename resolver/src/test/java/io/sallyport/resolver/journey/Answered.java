package io.sallyport.resolver.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/** Looks into answers. */
final class Answered {
    private Answered() {}

    static Message message(byte[] octets) throws IOException {
        return new Message(octets);
    }

    static ExtendedErrorCodeOption error(Message message) {
        OPTRecord opt = message.getOPT();
        assertThat(opt).as("the answer has an OPT").isNotNull();
        assertThat(opt.getPayloadSize()).isEqualTo(1232);
        for (EDNSOption option : opt.getOptions()) {
            return (ExtendedErrorCodeOption) option;
        }
        throw new AssertionError("the answer has no extended error");
    }

    static void hasOneSoaOfTheRootForFiveSeconds(Message message) {
        assertThat(message.getSection(Section.ANSWER)).isEmpty();
        assertThat(message.getSection(Section.AUTHORITY)).hasSize(1);
        SOARecord soa = (SOARecord) message.getSection(Section.AUTHORITY).getFirst();
        assertThat(soa.getName()).hasToString(".");
        assertThat(soa.getTTL()).isEqualTo(5);
        assertThat(soa.getMinimum()).isEqualTo(5);
    }
}
