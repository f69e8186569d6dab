package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static io.sallyport.iptables.firewall.World.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.apply.Tools.Flavour;
import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.firewall.Firewall.Reach;
import io.sallyport.iptables.firewall.Firewall.Subnet;
import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.script.Ruleset;
import io.sallyport.iptables.script.Ruleset.Base;
import io.sallyport.iptables.script.Ruleset.Binding;
import io.sallyport.iptables.script.Ruleset.Opening;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private static final Base BASE =
            new Base(
                    "t",
                    Block.parse("169.254.53.53"),
                    Block.parse("fd00:53::53"),
                    5353,
                    0,
                    List.of());

    private final Netns netns = Netns.create("sppin");
    private final Tools tools =
            new Tools(Flavour.NFT, Optional.of(Path.of("/run/netns", netns.name())));
    private final Netlink netlink = Netlink.open(tools.namespace());
    private final Together together = new Together(netlink);
    private long now = 1000;
    private final PinBook book =
            book(World.pinned(List.of(new Subnet(World.address("10.50.0.0"), 16))), true);

    private PinBook book(Access access, boolean six) {
        return new PinBook(
                netlink, together, new PinSets("t", binding(access, six)), access, () -> now);
    }

    private static Binding binding(Access access, boolean six) {
        return Binding.of(
                BASE,
                "b1",
                "sb1",
                List.of(Block.parse("10.77.1.2"), Block.parse("fd77::2")),
                false,
                new Opening(
                        access.reach() == Reach.NOTHING
                                ? Ruleset.Reach.NOTHING
                                : Ruleset.Reach.PINNED,
                        access.ports(),
                        access.otherPorts(),
                        List.of()),
                six);
    }

    @BeforeEach
    void makeSets() {
        try (KernelSets kernel = new KernelSets(Netlink.open(tools.namespace()))) {
            new Sets("t", kernel).create(binding(World.PINNED, true).sets());
        }
    }

    @AfterEach
    void close() {
        netlink.close();
        netns.close();
    }

    private String list(String set) {
        return netns.run("ipset", "list", "b1-" + set + "-spt").ok().output();
    }

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
    void sameArrayAgainCostsNoWriteUntilItsPinsRunOut() {
        byte[][] addresses = octets("9.9.9.9", "2a00::9");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        netns.run("ipset", "flush", "b1-pin4-spt").ok();

        now += 30;
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(list("pin4")).as("known: not written").contains("Number of entries: 0");

        now += 1;
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(list("pin4")).as("due: written again").contains("9.9.9.9 ");
    }

    @Test
    void holdsWhatIsKnownToBeOpenForSoLongAndNothingElse() {
        byte[][] addresses = octets("9.9.9.9");
        assertThat(book.holds(addresses, HTTPS, 120, nanos())).as("not pinned yet").isFalse();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();

        assertThat(book.holds(addresses, HTTPS, 150, nanos())).isTrue();
        assertThat(book.holds(addresses, HTTPS, 151, nanos())).as("too long").isFalse();
        assertThat(book.holds(addresses, new int[] {tcp(22)}, 120, nanos())).isFalse();
        assertThat(book.holds(octets("9.9.9.8"), HTTPS, 120, nanos())).isFalse();
        now += 31;
        assertThat(book.holds(addresses, HTTPS, 120, nanos())).as("due").isFalse();
        now -= 31;
        book.close();
        assertThat(book.holds(addresses, HTTPS, 120, nanos())).as("of an ended binding").isFalse();
    }

    private long nanos() {
        return now * 1_000_000_000L;
    }

    @Test
    void sameArrayWithOtherPortsIsPinnedWithThem() {
        byte[][] addresses = octets("9.9.9.9");
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();
        assertThat(book.pin(addresses, HTTPS, 120)).isTrue();

        assertThat(book.pin(addresses, new int[] {tcp(22)}, 120)).isTrue();
        assertThat(list("pin4")).contains("9.9.9.9 ");
        assertThat(list("own4")).contains("9.9.9.9,tcp:22 ");
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
        netns.run("ipset", "flush", "b1-pin4-spt").ok();

        book.restore();
        assertThat(list("pin4")).contains("9.9.9.9 ");
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
    void aPinThatLastsLongEnoughIsNotWrittenAgain() {
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        netns.run("ipset", "flush", "b1-pin4-spt").ok();

        now += 29;
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        assertThat(list("pin4")).doesNotContain("9.9.9.9");

        now += 2;
        assertThat(book.pin(octets("9.9.9.9"), HTTPS, 120)).isTrue();
        assertThat(list("pin4")).contains("9.9.9.9 timeout 1");
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
