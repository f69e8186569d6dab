package io.sallyport.iptables.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PinTableTest {
    private static final int TCP_80 = 6 << 16 | 80;
    private static final int MOST = 1000;

    private record Pin(boolean six, long high, long low, int port) {}

    private final PinTable table = new PinTable();

    @Test
    void doesWhatAnOrdinaryMapDoes() {
        Random random = new Random(5);
        Map<Pin, Long> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            Pin pin =
                    new Pin(
                            random.nextBoolean(),
                            random.nextInt(20),
                            random.nextInt(20),
                            (random.nextBoolean() ? 6 : 17) << 16 | (1 + random.nextInt(3)));
            assertThat(until(pin)).isEqualTo(model.getOrDefault(pin, PinTable.NEVER));
            long until = random.nextLong(100, 200);
            table.put(pin.six(), pin.high(), pin.low(), pin.port(), until, 0);
            model.merge(pin, until, Math::max);
        }
        Map<Pin, Long> seen = new HashMap<>();
        table.each((six, high, low, port, until) -> seen.put(new Pin(six, high, low, port), until));
        assertThat(seen).isEqualTo(model);
    }

    @Test
    void sameBitsInTheOtherFamilyAreAnotherPin() {
        table.put(false, 0, 7, TCP_80, 50, 0);

        assertThat(table.until(false, 0, 7, TCP_80)).isEqualTo(50);
        assertThat(table.until(true, 0, 7, TCP_80)).isEqualTo(PinTable.NEVER);
    }

    @Test
    void fullTableHasRoomAgainWhenPinsHaveEndedAndTheOthersAreKept() {
        for (int i = 0; i < MOST; i++) {
            table.put(false, 0, i, TCP_80, i < 10 ? 20 : 40, 1);
        }

        assertThat(table.takes(1, MOST, 19)).isFalse();
        assertThat(table.takes(10, MOST, 20)).isTrue();
        assertThat(table.takes(11, MOST, 20)).isFalse();
        assertThat(table.until(false, 0, 9, TCP_80)).isEqualTo(PinTable.NEVER);
        assertThat(table.until(false, 0, 10, TCP_80)).isEqualTo(40);
    }

    @Test
    void isLookedThroughOnceASecondAtMost() {
        for (int i = 0; i < MOST; i++) {
            table.put(false, 0, i, TCP_80, 40, 1);
        }
        assertThat(table.takes(1, MOST, 39)).isFalse();
        table.put(false, 0, 0, TCP_80, 41, 39);

        assertThat(table.takes(1, MOST, 39)).isFalse();
        assertThat(table.takes(MOST - 1, MOST, 40)).isTrue();
    }

    private long until(Pin pin) {
        return table.until(pin.six(), pin.high(), pin.low(), pin.port());
    }
}
