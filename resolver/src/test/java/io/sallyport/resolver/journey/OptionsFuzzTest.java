package io.sallyport.resolver.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sallyport.resolver.packet.Packet;
import java.util.Arrays;
import java.util.Set;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;

/**
 * Any octets as the options of a query for an allowed name: the options of the reply are ours, and
 * a list that does not fill its record is malformed (RFC 6891 §6.1.2).
 */
class OptionsFuzzTest {
    private static final Hall HALL = new Hall();
    private static final int COOKIE = 10;
    private static final int KEEPALIVE = 11;
    private static final int EXTENDED_ERROR = 15;
    private static final int MOST_OPTIONS = 32;

    @FuzzTest
    void repliesWithNothingButItsOwnOptions(byte[] octets) throws Exception {
        if (octets.length == 0 || octets.length > 2000) {
            return;
        }
        boolean tcp = (octets[0] & Hall.TCP) != 0;
        byte[] options = Arrays.copyOfRange(octets, 1, octets.length);
        Packet query =
                Packet.header(0x0100, 1, 0, 0, 1)
                        .name("www.allowed.example")
                        .u16(1)
                        .u16(1)
                        .hex("00 0029 04d0 00000000")
                        .u16(options.length)
                        .bytes(options);

        byte[] reply = HALL.ask(octets[0], query.octets());

        assertThat(reply).as("a question is always answered").isNotEmpty();
        if (!isWhole(options)) {
            assertThat(Packet.headerOf(reply)).isEqualTo("1234 8001 0000 0000 0000 0000");
            return;
        }
        OPTRecord opt = new Message(reply).getOPT();
        if (opt != null) {
            for (EDNSOption option : opt.getOptions()) {
                assertThat(option.getCode()).isIn(allowed(options, tcp));
            }
        }
    }

    private static Set<Integer> allowed(byte[] options, boolean tcp) {
        return Set.of(
                EXTENDED_ERROR,
                sent(options, COOKIE) ? COOKIE : EXTENDED_ERROR + 1,
                tcp && sent(options, KEEPALIVE) ? KEEPALIVE : EXTENDED_ERROR + 2);
    }

    private static boolean sent(byte[] options, int code) {
        for (int at = 0; at < options.length; at += 4 + u16(options, at + 2)) {
            if (u16(options, at) == code) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWhole(byte[] options) {
        int at = 0;
        int count = 0;
        while (at + 4 <= options.length) {
            at += 4 + u16(options, at + 2);
            count++;
        }
        return at == options.length && count <= MOST_OPTIONS;
    }

    private static int u16(byte[] octets, int at) {
        return (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
    }
}
