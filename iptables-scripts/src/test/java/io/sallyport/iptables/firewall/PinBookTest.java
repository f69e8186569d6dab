package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static io.sallyport.iptables.firewall.World.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.netns.Needs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pins are written, and which refused. */
@Needs
class PinBookTest extends PinBooks {
    @Test
    void everyAddressIsOneEntryWithTheUsualPorts() {
        assertThat(book.pin(octets("9.9.9.9", "2a00::9", "9.9.9.8"), HTTPS, 300)).isTrue();

        assertThat(list("pin4"))
                .contains("9.9.9.9 timeout 3", "9.9.9.8 timeout 3", "Number of entries: 2");
        assertThat(list("pin6")).contains("2a00::9 timeout 3", "Number of entries: 1");
        assertThat(list("own4") + list("own6")).doesNotContain("9.9.9.9", "2a00::9");
    }

    @Test
    void everyAddressIsPinnedWithEveryOtherPort() {
        assertThat(
                        book.pin(
                                octets("9.9.9.9", "2a00::9", "9.9.9.8"),
                                new int[] {tcp(443), udp(443), tcp(65535)},
                                300))
                .isTrue();

        assertThat(list("own4"))
                .contains(
                        "9.9.9.9,tcp:443 ",
                        "9.9.9.9,udp:443 ",
                        "9.9.9.9,tcp:65535 ",
                        "9.9.9.8,tcp:443 ");
        assertThat(list("own6"))
                .contains("2a00::9,tcp:443 ", "2a00::9,udp:443 ", "2a00::9,tcp:65535 ");
    }

    @Test
    void manyEntriesTakeSeveralMessages() {
        String[] addresses = new String[200];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = "9.9." + i + ".1";
        }
        assertThat(book.pin(octets(addresses), HTTPS, 300)).isTrue();
        assertThat(list("pin4")).contains("Number of entries: 200").contains("9.9.199.1 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    169.254.169.254   | 443    | 120         | metadata
                    127.0.0.1         | 443    | 120         | loopback
                    10.60.0.1         | 443    | 120         | private, of no internal block
                    fd00::1           | 443    | 120         | unique local
                    4000::1           | 443    | 120         | not allocated
                    9.9.9.9           | 0      | 120         | port 0
                    9.9.9.9           | 443    | 0           | no time
                    9.9.9.9           | 443    | -1          | less than no time
                    9.9.9.9           | 443    | 2147483647  | more time than the kernel has
                    """)
    void refusesWithoutThrowing(String address, int port, int seconds, String why) {
        assertThat(book.pin(octets("9.9.9.1", address), new int[] {tcp(port)}, seconds))
                .as(why)
                .isFalse();
        assertThat(list("pin4")).as(why).contains("Number of entries: 0");
    }

    @Test
    void ofAnAnswerThatTheKernelRefusesInPartNothingStaysButWhatWasThereBefore() {
        String[] many = new String[120]; // more than one message takes
        for (int i = 0; i < many.length; i++) {
            many[i] = "9.9.1." + i;
        }
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 60)).isTrue();
        netns.run("ipset", "destroy", "b1-pin6-spt").ok();

        assertThat(book.pin(octets("9.9.9.9", "9.9.9.8", "2a00::9"), HTTPS, 300)).isFalse();
        assertThat(book.pin(octets(concat(many, "2a00::9")), HTTPS, 300)).isFalse();

        assertThat(list("pin4")).contains("9.9.9.9 ", "Number of entries: 1");
        Matcher left = Pattern.compile("9\\.9\\.9\\.9 timeout (\\d+)").matcher(list("pin4"));
        assertThat(left.find()).isTrue();
        assertThat(Integer.parseInt(left.group(1))).as("as before").isLessThan(150);
        assertThat(book.pin(octets("9.9.9.8"), HTTPS, 300)).isTrue();
        assertThat(list("pin4")).contains("9.9.9.8 ");
    }

    private static String[] concat(String[] some, String last) {
        String[] all = Arrays.copyOf(some, some.length + 1);
        all[some.length] = last;
        return all;
    }

    @Test
    void refusesAddressesAndProtocolsThatAreNone() {
        assertThat(book.pin(new byte[][] {{1, 2, 3}}, HTTPS, 120)).isFalse();
        assertThat(book.pin(octets("9.9.9.9"), new int[] {132 << 16 | 80}, 120)).isFalse();
        assertThat(book.pin(octets("9.9.9.9"), new int[] {-1}, 120)).isFalse();
        // ::ffff:9.9.9.9, which Java's own addresses would turn into IPv4
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 9, 9, 9, 9};
        assertThat(book.pin(new byte[][] {mapped}, HTTPS, 120)).isFalse();
    }

    @Test
    void internalBlocksMayBePinned() {
        assertThat(book.pin(octets("10.50.3.4"), HTTPS, 120)).isTrue();
    }

    @Test
    void withoutAccessNothingIsPinned() {
        assertThat(book(Access.NOTHING, true).pin(octets("9.9.9.9"), HTTPS, 120)).isFalse();
    }

    @Test
    void addressOfAFamilyThatTheNetworkDoesNotHaveNeedsNoPinAndGetsNone() {
        PinBook fourOnly = book(World.PINNED, false);

        assertThat(fourOnly.pin(octets("2a00::9"), HTTPS, 120)).isTrue();
        assertThat(fourOnly.pin(octets("2a00::9"), new int[] {tcp(22)}, 120)).isTrue();
        assertThat(fourOnly.pin(octets("fd00::1"), HTTPS, 120)).isFalse();
        assertThat(list("pin6") + list("own6")).doesNotContain("2a00::9");
    }

    @Test
    void otherPortsNeedTheSetThatTheRulesAsk() {
        Access usualOnly = new Access(Reach.PINNED, List.of(tcp(443)), false, List.of());

        assertThat(book(usualOnly, true).pin(octets("9.9.9.9"), new int[] {tcp(22)}, 120))
                .isFalse();
        assertThat(list("own4")).contains("Number of entries: 0");
    }

    @Test
    void liveCountsEachSetByItself() {
        book.pin(octets("9.9.9.9", "9.9.9.8", "2a00::9"), HTTPS, 120);
        book.pin(octets("9.9.9.9"), new int[] {tcp(22), tcp(23)}, 120);

        assertThat(book.live())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "b1-pin4-spt", 2L,
                                "b1-pin6-spt", 1L,
                                "b1-own4-spt", 2L,
                                "b1-own6-spt", 0L));
    }

    @Test
    void droppedAddressesLeaveBothKindsOfSets() {
        book.pin(octets("9.9.9.9", "9.9.9.8"), HTTPS, 120);
        book.pin(octets("9.9.9.9"), new int[] {tcp(22)}, 120);

        assertThat(book.drop(List.of(Block.parse("9.9.9.9")))).isZero();

        assertThat(list("pin4")).contains("9.9.9.8 ").doesNotContain("9.9.9.9 ");
        assertThat(list("own4")).contains("Number of entries: 0");
    }

    @Test
    void aMissingSetIsAFailedPinAndIsNotRemembered() {
        netns.run("ipset", "destroy", "b1-pin4-spt").ok();
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isFalse();
        makeAgain();
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        assertThat(list("pin4")).contains("9.9.9.9");
    }

    private void makeAgain() {
        netns.run("ipset", "create", "b1-pin4-spt", "hash:ip", "timeout", "120").ok();
    }

    @Test
    void aFullSetTakesNoMoreUntilPinsHaveEnded() {
        int[] ports = new int[4];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = tcp(1000 + i);
        }
        for (int i = 0; i < SetKind.MAX_PINS / ports.length; i++) {
            byte[][] address = {{9, 9, (byte) (i >> 8), (byte) i}};
            assertThat(book.pin(address, ports, 120)).isTrue();
        }
        assertThat(book.pin(octets("9.8.0.1"), HTTPS, 120)).isFalse();

        now += 200;
        netns.run("ipset", "flush", "b1-own4-spt").ok();
        assertThat(book.pin(octets("9.8.0.1"), HTTPS, 120)).isTrue();
    }

    @Test
    void aClosedBookOrSocketPinsNothing() {
        PinBook other = book(World.PINNED, true);
        other.close();
        assertThat(other.pin(octets("9.9.9.9"), HTTPS, 120)).isFalse();

        netlink.close();
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isFalse();
    }

    @Test
    void severalThreadsPinAtOnce() throws InterruptedException, ExecutionException {
        List<Future<Boolean>> done = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                byte third = (byte) thread;
                done.add(
                        threads.submit(() -> {
                            boolean all = true;
                            for (int i = 0; i < 250; i++) {
                                all &= book.pin(new byte[][] {{9, 9, third, (byte) i}}, HTTPS, 120);
                            }
                            return all;
                        }));
            }
        }
        for (Future<Boolean> each : done) {
            assertThat(each.get()).isTrue();
        }
        assertThat(list("pin4")).contains("Number of entries: 1000");
    }
}
