package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static io.sallyport.iptables.firewall.World.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pins, in real sets of an empty namespace. */
@Needs
class PinBookTest {

    private static final int[] HTTPS = {tcp(443)};

    private final Netns netns = Netns.create("sppin");
    private final Netlink netlink = Netlink.open(Optional.of(Path.of("/run/netns", netns.name())));
    private long now = 1000;
    private final PinBook book = book(true, Access.PINNED);

    private PinBook book(boolean six, Access access) {
        return new PinBook(
                netlink, "p4", "p6", six, access, List.of(Block.parse("10.50.0.0/16")), () -> now);
    }

    @BeforeEach
    void makeSets() {
        netns.run(
                        "ipset",
                        "create",
                        "p4",
                        "hash:ip,port",
                        "family",
                        "inet",
                        "timeout",
                        "120",
                        "maxelem",
                        "8192")
                .ok();
        netns.run(
                        "ipset",
                        "create",
                        "p6",
                        "hash:ip,port",
                        "family",
                        "inet6",
                        "timeout",
                        "120",
                        "maxelem",
                        "8192")
                .ok();
    }

    @AfterEach
    void close() {
        netlink.close();
        netns.close();
    }

    private String list(String set) {
        return netns.run("ipset", "list", set).ok().output();
    }

    @Test
    void everyAddressIsPinnedWithEveryPort() {
        assertThat(
                        book.pin(
                                octets("9.9.9.9", "2a00::9", "9.9.9.8"),
                                new int[] {tcp(443), udp(443), tcp(65535)},
                                300))
                .isTrue();

        assertThat(list("p4"))
                .contains(
                        "9.9.9.9,tcp:443 ",
                        "9.9.9.9,udp:443 ",
                        "9.9.9.9,tcp:65535 ",
                        "9.9.9.8,tcp:443 ");
        assertThat(list("p6"))
                .contains("2a00::9,tcp:443 ", "2a00::9,udp:443 ", "2a00::9,tcp:65535 ");
    }

    @Test
    void manyEntriesTakeSeveralMessages() {
        String[] addresses = new String[200];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = "9.9." + i + ".1";
        }
        assertThat(book.pin(octets(addresses), HTTPS, 300)).isTrue();
        assertThat(list("p4")).contains("Number of entries: 200").contains("9.9.199.1,tcp:443");
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
        assertThat(list("p4")).as(why).contains("Number of entries: 0");
    }

    @Test
    void sameArrayAgainCostsNoWriteUntilItsPinsRunOut() {
        byte[][] addresses = octets("9.9.9.9", "2a00::9");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        netns.run("ipset", "flush", "p4").ok();

        now += 30;
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(list("p4")).as("known: not written").contains("Number of entries: 0");

        now += 1;
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(list("p4")).as("due: written again").contains("9.9.9.9,tcp:443 ");
    }

    @Test
    void sameArrayWithOtherPortsIsPinnedWithThem() {
        byte[][] addresses = octets("9.9.9.9");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();

        assertThat(book.pin(addresses, new int[] {tcp(22)}, 120)).isTrue();
        assertThat(list("p4")).contains("9.9.9.9,tcp:443 ", "9.9.9.9,tcp:22 ");
    }

    @Test
    void knownArrayIsRefusedOnceTheBookIsClosed() {
        byte[][] addresses = octets("9.9.9.9");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();

        book.close();
        assertThat(book.pin(addresses, HTTPS, 120)).isFalse();
    }

    @Test
    void knownArrayIsWrittenAgainIntoSetsMadeAnew() {
        byte[][] addresses = octets("9.9.9.9");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        netns.run("ipset", "flush", "p4").ok();

        book.restore();
        assertThat(list("p4")).contains("9.9.9.9,tcp:443 ");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
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
    void withoutAccessOrFamilyNothingIsPinned() {
        assertThat(book(true, Access.NOTHING).pin(octets("9.9.9.9"), HTTPS, 120)).isFalse();
        assertThat(book(false, Access.PINNED).pin(octets("2a00::9"), HTTPS, 120)).isFalse();
    }

    @Test
    void aPinThatLastsLongEnoughIsNotWrittenAgain() {
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        netns.run("ipset", "flush", "p4").ok();

        now += 29;
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        assertThat(list("p4")).doesNotContain("9.9.9.9");

        now += 2;
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        assertThat(list("p4")).contains("9.9.9.9,tcp:443 timeout 1");
    }

    @Test
    void aMissingSetIsAFailedPinAndIsNotRemembered() {
        netns.run("ipset", "destroy", "p4").ok();
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isFalse();
        makeAgain();
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        assertThat(list("p4")).contains("9.9.9.9");
    }

    private void makeAgain() {
        netns.run("ipset", "create", "p4", "hash:ip,port", "timeout", "120").ok();
    }

    @Test
    void aFullSetTakesNoMoreUntilPinsHaveEnded() {
        int[] ports = new int[4];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = tcp(1000 + i);
        }
        for (int i = 0; i < Sets.MAX_PINS / ports.length; i++) {
            byte[][] address = {{9, 9, (byte) (i >> 8), (byte) i}};
            assertThat(book.pin(address, ports, 120)).isTrue();
        }
        assertThat(book.pin(octets("9.8.0.1"), HTTPS, 120)).isFalse();

        now += 200;
        netns.run("ipset", "flush", "p4").ok();
        assertThat(book.pin(octets("9.8.0.1"), HTTPS, 120)).isTrue();
    }

    @Test
    void aClosedBookOrSocketPinsNothing() {
        PinBook other = book(true, Access.PINNED);
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
        assertThat(list("p4")).contains("Number of entries: 1000");
    }
}
