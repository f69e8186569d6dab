package io.sallyport.resolver.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.query.Query.Gate;
import java.io.IOException;
import java.util.Arrays;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;

/** Any octets at the gate: what it passes is one question, and another parser reads the same. */
class GateFuzzTest {
    /** Reads every message of the run, as an event loop's does. */
    private static final Query USED = new Query();

    @FuzzTest
    void passesNothingButOneQuestion(byte[] octets) throws IOException {
        Query fresh = new Query();
        Gate gate = fresh.read(Unpooled.wrappedBuffer(octets));

        assertThat(USED.read(Unpooled.wrappedBuffer(octets))).isEqualTo(gate);
        if (gate != Gate.PASS) {
            return;
        }
        int length = fresh.nameLength();
        assertThat(question(USED)).isEqualTo(question(fresh));
        assertThat(question(fresh)).isEqualTo(Arrays.copyOfRange(octets, 12, 12 + length + 4));
        assertThat(USED.payload()).isEqualTo(fresh.payload()).isBetween(512, 65_535);
        assertThat(octets[2] & 0x80).as("QR").isZero();
        assertThat(fresh.edns() ? 1 : 0).isEqualTo(octets[11]);
        assertLowered(fresh);
        assertAnotherParserReadsTheSame(fresh);
    }

    private static byte[] question(Query query) {
        return Arrays.copyOf(query.question(), query.questionLength());
    }

    private static void assertLowered(Query query) {
        for (int i = 0; i < query.nameLength(); i++) {
            byte lowered = query.lowered()[i];
            assertThat(lowered).isEqualTo(WireName.lower(query.question()[i]));
            assertThat(lowered).isNotIn((byte) 'A', (byte) 'Z');
        }
    }

    private static void assertAnotherParserReadsTheSame(Query query) throws IOException {
        byte[] alone = new byte[12 + query.questionLength()];
        alone[5] = 1;
        System.arraycopy(query.question(), 0, alone, 12, query.questionLength());
        Record question = new Message(alone).getQuestion();
        assertThat(question.getType()).isEqualTo(query.type());
        assertThat(question.getName().toWireCanonical())
                .isEqualTo(Arrays.copyOf(query.lowered(), query.nameLength()));
    }
}
