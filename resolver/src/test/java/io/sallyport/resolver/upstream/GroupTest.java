package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.stream.Streams;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom to ask. */
class GroupTest {
    private static final int DRAWS = 4000;

    private final Group group =
            new Group(
                    ".",
                    List.of(
                            Endpoint.parse("192.0.2.1"),
                            Endpoint.parse("192.0.2.2"),
                            Endpoint.parse("192.0.2.3")),
                    Packet.question(".", 2),
                    new Streams.Counts());

    @Test
    void twiceAsFarIsAskedQuarterAsOften() {
        distance(0, 10_000);
        distance(1, 20_500);
        distance(2, 20_500);

        assertThat(share(0)).isBetween(0.60, 0.73); // 1 of 1 + 1/4 + 1/4
        assertThat(share(1)).isBetween(0.12, 0.22);
    }

    @Test
    void farthestIsAskedNowAndThen() {
        distance(0, 1_000);
        distance(1, 800_000);
        distance(2, 800_000);

        assertThat(share(1)).isBetween(0.004, 0.035);
    }

    @Test
    void whoIsDownIsAskedOnlyWhenEverybodyIs() {
        group.server(0).takeDown();
        group.server(1).takeDown();
        assertThat(group.choose(new int[] {0, 0, 2})).isEqualTo(2);
        assertThat(group.choose(new int[] {0, 3, Group.BARRED})).isZero();

        group.server(2).takeDown();
        assertThat(group.choose(new int[] {1, 1, 0})).isEqualTo(2);
    }

    @Test
    void leastTriedFirstAndNeverWhoIsBarred() {
        assertThat(group.choose(new int[] {1, 0, 1})).isEqualTo(1);
        assertThat(group.choose(new int[] {Group.BARRED, 2, Group.BARRED})).isEqualTo(1);
        assertThat(group.choose(new int[] {Group.BARRED, Group.BARRED, Group.BARRED}))
                .isEqualTo(Group.NOBODY);
    }

    private void distance(int index, long micros) {
        group.server(index).heard(Duration.ofNanos(micros * 1000).toNanos(), 0);
    }

    private double share(int index) {
        int hits = 0;
        for (int i = 0; i < DRAWS; i++) {
            hits += group.choose(new int[3]) == index ? 1 : 0;
        }
        return (double) hits / DRAWS;
    }
}
