package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Pins that are told of before they are asked for. */
@Needs
class AnnouncedPinsTest extends PinBooks {
    @Test
    void announcedPinsAreWrittenWithTheFirstThatIsAskedFor() {
        PinBook other = book(World.PINNED, true);
        byte[][] first = octets("9.9.9.1");
        byte[][] second = octets("9.9.9.2", "2a00::2");
        book.announce(first, HTTPS, 120);
        other.announce(second, HTTPS, 120);
        other.announce(octets("9.9.9.3"), new int[] {tcp(22), tcp(23)}, 120);
        assertThat(list("pin4")).as("nobody has asked yet").contains("Number of entries: 0");

        assertThat(book.pin(first, HTTPS, 120)).isTrue();

        assertThat(list("pin4")).contains("9.9.9.1 ", "9.9.9.2 ");
        assertThat(list("pin6")).contains("2a00::2 ");
        assertThat(list("own4")).contains("9.9.9.3,tcp:22 ", "9.9.9.3,tcp:23 ");
        netns.run("ipset", "flush", "b1-pin4-spt").ok();
        assertThat(other.pin(second, HTTPS, 120)).isTrue();
        assertThat(list("pin4")).as("known: not written again").doesNotContain("9.9.9.2");
    }

    @Test
    void announcedPinThatTheKernelRefusesFailsAloneWhenItIsAskedFor() {
        PinBook other = book(World.PINNED, true);
        netns.run("ipset", "destroy", "b1-pin6-spt").ok();
        for (int i = 0; i < 100; i++) {
            book.announce(octets("2a00::" + (i + 1)), HTTPS, 120);
            other.announce(octets("9.9.8." + i), HTTPS, 120);
        }

        assertThat(book.pin(octets("2a00::1"), HTTPS, 120)).isFalse();
        assertThat(other.pin(octets("9.9.8.99"), HTTPS, 120)).isTrue();
        assertThat(list("pin4")).contains("Number of entries: 100");
    }

    @Test
    void whatTheKernelTookOfARefusedAnnouncementIsTakenBackAndNotWhatAnotherAnswerHas() {
        netns.run("ipset", "destroy", "b1-pin6-spt").ok();
        book.announce(octets("9.9.9.1", "9.9.9.2", "2a00::1"), HTTPS, 120);
        book.announce(octets("9.9.9.2", "9.9.9.3"), HTTPS, 120);

        assertThat(book.pin(octets("9.9.9.3"), HTTPS, 120)).isTrue();

        assertThat(list("pin4")).contains("9.9.9.2 ", "9.9.9.3 ", "Number of entries: 2");
        assertThat(book.live()).containsEntry("b1-pin4-spt", 2L);
    }

    @Test
    void announcementsOfAClosedBookOrOfWhatMayNotBePinnedOpenNothing() {
        PinBook ended = book(World.PINNED, true);
        ended.announce(octets("9.9.9.1"), HTTPS, 120);
        ended.close();
        ended.announce(octets("9.9.9.2"), HTTPS, 120);
        book.announce(octets("169.254.169.254"), HTTPS, 120);
        book.announce(octets("9.9.9.3"), HTTPS, 120);
        book.announce(octets("9.9.9.4"), HTTPS, 120);

        assertThat(book.pin(octets("9.9.9.3"), HTTPS, 120)).isTrue();

        assertThat(list("pin4")).contains("9.9.9.3 ", "9.9.9.4 ", "Number of entries: 2");
    }

    @Test
    void severalThreadsAnnounceAndPinAtOnceInSeveralBooks() throws Exception {
        List<PinBook> books = List.of(book, book(World.PINNED, true), book(World.PINNED, true));
        List<Future<Boolean>> done = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                byte third = (byte) thread;
                done.add(
                        threads.submit(() -> {
                            boolean all = true;
                            for (int i = 0; i < 200; i++) {
                                byte[][] one = {{9, 9, third, (byte) i}};
                                byte[][] two = {{9, 8, third, (byte) i}};
                                books.get((i + third) % 3).announce(one, HTTPS, 120);
                                books.get((i + third + 1) % 3).announce(two, HTTPS, 120);
                                all &= books.get((i + third) % 3).pin(one, HTTPS, 120);
                                all &= books.get((i + third + 1) % 3).pin(two, HTTPS, 120);
                            }
                            return all;
                        }));
            }
        }
        for (Future<Boolean> each : done) {
            assertThat(each.get()).isTrue();
        }
        assertThat(list("pin4")).contains("Number of entries: 1600");
    }
}
