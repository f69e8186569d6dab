package io.sallyport.resolver.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.resolver.query.Query.Gate;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One flyweight reads every message of a loop: what one brought must not be the next one's. */
class LeftoverTest {
    private static final String WITH_COOKIE_AND_DO =
            "1234 0130 0001 0000 0000 0001 03777777076578616d706c6503636f6d00 0001 0001"
                    + "00 0029 1000 00 00 8000 000c 000a 0008 0102030405060708";

    private final Query query = new Query();

    private static ByteBuf message(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void firstMessageBringsItAll() {
        assertThat(query.read(message(WITH_COOKIE_AND_DO))).isEqualTo(Gate.PASS);

        assertThat(query.edns()).isTrue();
        assertThat(query.dnssec()).isTrue();
        assertThat(query.payload()).isEqualTo(4096);
        assertThat(query.cookieLength()).isEqualTo(8);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            textBlock =
                    """
                    OPCODE,    1235 2800 0001 0000 0000 0000 0000010001
                    MALFORMED, 1235 0100 0001 0000 0000 0001 0000010001
                    MALFORMED, 1235 0100 0002 0000 0000 0000 0000010001
                    SILENT,    1235 8100 0001 0000 0000 0000 0000010001
                    PASS,      1235 0100 0001 0000 0000 0000 0000010001
                    VERSION,   1235 0100 0001 0000 0000 0001 0000010001 00 0029 0200 00 01 0000 0000
                    """)
    void nothingOfItIsLeftAfterAnotherOne(Gate gate, String hex) {
        query.read(message(WITH_COOKIE_AND_DO));

        assertThat(query.read(message(hex))).isEqualTo(gate);

        assertNothingLeft(0x1235);
    }

    @Test
    void nothingOfItIsLeftAfterOneThatIsLongerThanAnyQuery() {
        query.read(message(WITH_COOKIE_AND_DO));

        ByteBuf overlong = Unpooled.buffer().writeBytes(message("1236 2800 0001 0000 0000 0000"));
        overlong.writeZero(Query.MAX_OCTETS);
        assertThat(query.read(overlong)).isEqualTo(Gate.OPCODE);

        assertNothingLeft(0x1236);
    }

    private void assertNothingLeft(int id) {
        assertThat(query.id()).isEqualTo(id);
        assertThat(query.dnssec()).isFalse();
        assertThat(query.keepalive()).isFalse();
        assertThat(query.payload()).isEqualTo(512);
        assertThat(query.cookieLength()).isZero();
    }
}
