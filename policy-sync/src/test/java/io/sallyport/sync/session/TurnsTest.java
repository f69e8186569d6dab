package io.sallyport.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.session.Turns.Concern;
import io.sallyport.sync.session.Turns.Turn;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who waits for whom. */
final class TurnsTest {
    private final Turns turns = new Turns();

    private boolean waits(Concern concern) {
        Optional<Turn> turn = turns.tryTake(concern);
        turn.ifPresent(Turn::close);
        return turn.isEmpty();
    }

    private static Place place(String interfaceName, String address) {
        return new Place(interfaceName, List.of(Cidr.parse(address)));
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    s-1, br0, 10.0.0.1,    s-2, br0, 10.0.0.2,    false
                    s-1, br0, 10.0.0.1,    s-1, br1, 10.0.0.2,    true
                    s-1, br0, 10.0.0.1,    s-2, br1, 10.0.0.1,    true
                    s-1, br0, 10.0.0.0/24, s-2, br1, 10.0.0.9,    true
                    s-1, br0, fd00::/64,   s-2, br1, fd00::7,     true
                    ,    br0, 10.0.0.1,    ,    br0, 10.0.0.2,    false
                    """)
    void onlyWorkOnTheSameWaits(
            String one,
            String oneOn,
            String oneAt,
            String other,
            String on,
            String at,
            boolean waits) {
        try (Turn _ = turns.take(Concern.session(one, place(oneOn, oneAt)))) {
            assertThat(waits(Concern.session(other, place(on, at)))).isEqualTo(waits);
        }
        assertThat(waits(Concern.session(other, place(on, at)))).isFalse();
    }

    @Test
    void workOnAnInterfaceWaitsForAllThatIsOnIt() {
        Network network = Network.pending("n-1", place("br0", "10.0.0.1"), "b1");
        try (Turn _ = turns.take(Concern.session("s-2", place("br0", "10.0.0.2")))) {
            assertThat(turns.tryTake(Concern.interfaceOf(network))).isEmpty();
        }
        try (Turn _ = turns.take(Concern.interfaceOf(network))) {
            assertThat(turns.tryTake(Concern.session("s-2", place("br0", "10.0.0.2")))).isEmpty();
            assertThat(turns.tryTake(Concern.session("s-3", place("br1", "10.0.0.3")))).isPresent();
        }
    }

    @Test
    void whoWaitsGetsItsTurn() throws InterruptedException {
        CountDownLatch had = new CountDownLatch(1);
        Turn first = turns.take(Concern.session("s-1"));
        Thread.ofVirtual()
                .start(() -> {
                    try (Turn _ = turns.take(Concern.session("s-1"))) {
                        had.countDown();
                    }
                });
        assertThat(had.getCount()).isEqualTo(1);
        first.close();
        assertThat(had.await(30, TimeUnit.SECONDS)).isTrue();
    }
}
