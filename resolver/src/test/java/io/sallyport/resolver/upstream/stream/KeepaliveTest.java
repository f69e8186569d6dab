package io.sallyport.resolver.upstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The one option that is read from a server's OPT record. */
class KeepaliveTest {
    @Test
    void isFoundBehindRecordsAndOptions() {
        byte[] options = {0, 3, 0, 1, 9, 0, 11, 0, 2, 0, 100};

        assertThat(Keepalive.nanos(message(options))).isEqualTo(TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void withoutTimeoutNothingIsSaid() {
        assertThat(Keepalive.nanos(message())).isEqualTo(Keepalive.UNSAID);
        assertThat(Keepalive.nanos(message((byte) 0, (byte) 11, (byte) 0, (byte) 0)))
                .isEqualTo(Keepalive.UNSAID);
        assertThat(Keepalive.nanos(new Packet(1, Packet.NOERROR).octets()))
                .isEqualTo(Keepalive.UNSAID);
    }

    @Test
    void noOctetsBreakIt() {
        byte[] sound = message((byte) 0, (byte) 11, (byte) 0, (byte) 2, (byte) 0, (byte) 100);
        Random random = new Random(1);
        for (int length = 0; length <= sound.length; length++) {
            assertThat(Keepalive.nanos(Arrays.copyOf(sound, length)))
                    .isGreaterThanOrEqualTo(Keepalive.UNSAID);
        }
        for (int i = 0; i < 200_000; i++) {
            byte[] broken = sound.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            assertThat(Keepalive.nanos(broken))
                    .isBetween(Keepalive.UNSAID, TimeUnit.MILLISECONDS.toNanos(100) * 0xffff);
        }
    }

    private static byte[] message(byte... options) {
        return new Packet(1, Packet.NOERROR)
                .question(Packet.name("www.example.com"), 1, 1)
                .answer("@", 1, 60, Packet.address("93.184.216.34"))
                .record(2, new byte[1], 41, 1232, 0, options)
                .octets();
    }
}
