package io.sallyport.iptables.firewall;

import static io.sallyport.iptables.firewall.World.octets;
import static io.sallyport.iptables.firewall.World.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import org.junit.jupiter.api.Test;

/** What is open for long enough is not written again. */
@Needs
class KnownPinsTest extends PinBooks {
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
}
