package io.sallyport.resolver.pointer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.packet.FakeLookup.Layout;
import io.sallyport.resolver.pointer.Pointers.Pointer;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PointersTest {
    private static final long SECOND = 1_000_000_000L;
    private static final WireName ONE = WireName.parse("one.example.com");
    private static final WireName TWO = WireName.parse("two.example.com");

    /** Close to where a clock of 64 bits turns over. */
    private static final long START = Long.parseLong("9223372036000000000");

    private final Pointers pointers = new Pointers();

    private static Answer answer(String... addresses) {
        Layout layout = new Layout();
        for (String address : addresses) {
            byte[] octets = Cidr.address(address);
            layout.record("c00c", octets.length == 4 ? 1 : 28, octets);
        }
        return layout.answer(0, 300, START);
    }

    private static Answer numbered(int number) {
        byte[] octets = ByteBuffer.allocate(4).putInt(0x0b00_0000 | number).array();
        return new Layout().record("c00c", 1, octets).answer(0, 300, START + number);
    }

    private String find(String reverse, long now) {
        WireName name = WireName.parse(reverse);
        Pointer pointer = pointers.find(name.octets(), name.length(), now);
        return pointer == null ? "nothing" : pointer.name() + " " + pointer.ttl();
    }

    private String numberedName(int number) {
        return find(
                "%d.%d.%d.11.in-addr.arpa"
                        .formatted(number & 0xff, number >> 8 & 0xff, number >> 16 & 0xff),
                START);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # seconds later | is
                    0               | one.example.com 300
                    59              | one.example.com 300
                    61              | one.example.com 299
                    359             | one.example.com 1
                    360             | nothing
                    100000          | nothing
                    """)
    void nameIsKnownAsLongAsThePinLasts(long seconds, String is) {
        pointers.remember(ONE, answer("192.0.2.1"), 1, 360, START);

        assertThat(find("1.2.0.192.in-addr.arpa", START + seconds * SECOND)).isEqualTo(is);
    }

    @Test
    void lastPartOfASecondIsNotToBeKept() {
        pointers.remember(ONE, answer("192.0.2.1"), 1, 120, START);

        assertThat(find("1.2.0.192.in-addr.arpa", START + 120 * SECOND - 1))
                .isEqualTo("one.example.com 0");
    }

    @Test
    void answerThatLeavesAgainLastsLonger() {
        Answer answer = answer("192.0.2.1", "192.0.2.2");
        pointers.remember(ONE, answer, 2, 360, START);
        pointers.remember(ONE, answer, 2, 360, START + 200 * SECOND);

        assertThat(find("1.2.0.192.in-addr.arpa", START + 550 * SECOND))
                .isEqualTo("one.example.com 10");
        assertThat(find("2.2.0.192.in-addr.arpa", START + 560 * SECOND)).isEqualTo("nothing");
    }

    @Test
    void addressesThatDidNotLeaveAreNotKnown() {
        Answer answer = answer("192.0.2.1", "192.0.2.2");
        pointers.remember(ONE, answer, 1, 360, START);

        assertThat(find("1.2.0.192.in-addr.arpa", START)).isEqualTo("one.example.com 300");
        assertThat(find("2.2.0.192.in-addr.arpa", START)).isEqualTo("nothing");
        pointers.remember(ONE, answer, 2, 360, START);
        assertThat(find("2.2.0.192.in-addr.arpa", START)).isEqualTo("one.example.com 300");
        pointers.remember(ONE, answer, 1, 360, START + 100 * SECOND);
        assertThat(find("1.2.0.192.in-addr.arpa", START + 450 * SECOND))
                .as("pinned again")
                .isEqualTo("one.example.com 10");
        assertThat(find("2.2.0.192.in-addr.arpa", START + 360 * SECOND))
                .as("not pinned again")
                .isEqualTo("nothing");
    }

    @Test
    void answerWithoutAddressesIsNothingToRemember() {
        pointers.remember(ONE, new Layout().answer(0, 300, START), 0, 360, START);
        pointers.remember(ONE, answer("192.0.2.1"), 0, 360, START);
        pointers.remember(ONE, answer(), 7, 360, START);

        assertThat(find("1.2.0.192.in-addr.arpa", START)).isEqualTo("nothing");
    }

    @Test
    void sharedAddressLeadsToTheNameThatWasAskedLastHoweverOftenTheyTakeTurns() {
        Answer one = answer("192.0.2.1", "192.0.2.2");
        Answer two = answer("192.0.2.2", "192.0.2.3");
        for (int turn = 0; turn < 3; turn++) {
            pointers.remember(ONE, one, 2, 360, START);
            assertThat(find("2.2.0.192.in-addr.arpa", START)).startsWith("one.");
            assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("one.");
            pointers.remember(TWO, two, 2, 360, START);
            assertThat(find("2.2.0.192.in-addr.arpa", START)).startsWith("two.");
            assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("one.");
            assertThat(find("3.2.0.192.in-addr.arpa", START)).startsWith("two.");
        }
    }

    private static byte[][] octets(String... addresses) {
        return Arrays.stream(addresses).map(Cidr::address).toArray(byte[][]::new);
    }

    @Test
    void nameThatIsGoneLedToItsAddressesThoughOthersHaveTakenThem() {
        pointers.remember(ONE, answer("192.0.2.1", "192.0.2.2"), 2, 360, START);
        for (int i = 0; i < 300; i++) {
            pointers.remember(TWO, numbered(i), 1, 360, START); // nothing recent is left of it
        }
        pointers.remember(TWO, answer("192.0.2.1"), 1, 360, START);
        pointers.remember(TWO, answer("192.0.2.2", "2001:db8::1"), 2, 360, START);

        Pointers.Ways ways = pointers.forget(ONE::equals);

        assertThat(ways.complete()).isTrue();
        assertThat(ways.addresses()).containsExactly(octets("192.0.2.1", "192.0.2.2"));
        assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("two.");
        assertThat(pointers.forget(ONE::equals).addresses()).isEmpty();
        assertThat(pointers.forget(TWO::equals).addresses())
                .hasSize(303)
                .contains(octets("2001:db8::1"));
    }

    @Test
    void moreThanIsRememberedMakesEveryAddressSuspect() {
        for (int i = 0; i <= Pointers.MAX_ADDRESSES; i++) {
            pointers.remember(ONE, numbered(i), 1, 360, START);
        }
        assertThat(pointers.forget(TWO::equals)).isEqualTo(new Pointers.Ways(List.of(), false));
        assertThat(numberedName(7)).as("its pin goes too").isEqualTo("nothing");
        pointers.remember(TWO, answer("192.0.2.1"), 1, 360, START);
        assertThat(pointers.forget(TWO::equals).addresses()).hasSize(1);
    }

    @Test
    void namesThatTakeTurnsAtManyAddressesAreForgottenOpenly() {
        for (int i = 0; i <= Pointers.MAX_EARLIER; i++) {
            pointers.remember(ONE, numbered(i), 1, 360, START);
            pointers.remember(TWO, numbered(i), 1, 360, START);
        }
        assertThat(pointers.forget(TWO::equals).complete()).isFalse();
        assertThat(pointers.forget(TWO::equals).complete()).isTrue();
    }

    @Test
    void fourAndItsFormsInSixAreDifferentAddresses() {
        String zeros = "0.".repeat(20) + "ip6.arpa";
        pointers.remember(ONE, answer("192.0.2.1"), 1, 360, START);
        assertThat(find("1.0.2.0.0.0.0.c.f.f.f.f." + zeros, START)).isEqualTo("nothing");
        assertThat(find("1.0.2.0.0.0.0.c.0.0.0.0." + zeros, START)).isEqualTo("nothing");
        pointers.remember(TWO, answer("::ffff:0:c000:201"), 1, 360, START);
        assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("one.");
    }

    @Test
    void oldestAddressesGiveWay() {
        int most = Pointers.MAX_ADDRESSES;
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            answers.add(numbered(i));
            pointers.remember(ONE, answers.get(i), 1, 360, START);
        }
        assertThat(numberedName(0)).startsWith("one.");

        pointers.remember(ONE, answer("11.0.0.0"), 1, 360, START); // again, so that 1 is the oldest
        pointers.remember(TWO, answer("192.0.2.1", "192.0.2.2"), 2, 360, START);

        assertThat(numberedName(0)).startsWith("one.");
        assertThat(numberedName(1)).isEqualTo("nothing");
        assertThat(numberedName(2)).isEqualTo("nothing");
        assertThat(numberedName(3)).startsWith("one.");
        assertThat(numberedName(most - 1)).startsWith("one.");
        assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("two.");
    }

    @Test
    void answerThatLostItsPlaceGetsItBackWhenItLeavesAgain() {
        Answer first = answer("192.0.2.1");
        pointers.remember(ONE, first, 1, 360, START);
        for (int i = 0; i < Pointers.MAX_ADDRESSES; i++) {
            pointers.remember(TWO, numbered(i), 1, 360, START);
        }
        assertThat(find("1.2.0.192.in-addr.arpa", START)).isEqualTo("nothing");

        pointers.remember(ONE, first, 1, 360, START);

        assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("one.");
    }

    @Test
    void answersOfABusySandboxAreKnownWhenTheyLeaveAgain() {
        List<Answer> answers = IntStream.range(0, 1000).mapToObj(PointersTest::numbered).toList();
        answers.forEach(
                answer -> assertThat(pointers.remember(ONE, answer, 1, 360, START)).isTrue());

        long fresh =
                answers.stream()
                        .filter(answer -> pointers.remember(ONE, answer, 1, 360, START + SECOND))
                        .count();

        assertThat(fresh).isLessThan(50);
        assertThat(numberedName(999)).isEqualTo("one.example.com 300");
    }

    /** 32-bit halves that are equal cancel out in the hash of a long. */
    @Test
    void addressesChosenToCollideAreStillOrderedSoThatAMapCanSearchThem() {
        List<Address> chosen = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] octets =
                    ByteBuffer.allocate(16).putInt(i).putInt(i).putInt(7 * i).putInt(7 * i).array();
            chosen.add(Address.of(octets));
        }

        assertThat(chosen.stream().map(Address::hashCode).distinct()).hasSize(1);
        assertThat(new TreeSet<>(chosen)).hasSize(300);
        for (Address one : chosen) {
            assertThat(chosen.stream().filter(other -> one.compareTo(other) == 0))
                    .containsExactly(one);
        }
    }

    @Test
    void answersThatLeaveAgainAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Answer[] answers = new Answer[50];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = numbered(i);
            pointers.remember(ONE, answers[i], 1, 360, START);
        }
        long before = threads.getCurrentThreadAllocatedBytes();

        for (int i = 0; i < 100_000; i++) {
            pointers.remember(ONE, answers[i % answers.length], 1, 360, START + i);
        }

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    @Test
    void loopsThatWriteAtOnceLeaveEveryAddressWithOneOfItsNames() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> faults = java.util.Collections.synchronizedList(new ArrayList<>());
        for (WireName name : List.of(ONE, TWO)) {
            Answer answer = answer("192.0.2.1", "192.0.2.2");
            Thread thread =
                    new Thread(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            pointers.remember(name, answer, 2, 360, START);
                            pointers.remember(name, numbered(i), 1, 360, START);
                        }
                    });
            thread.setUncaughtExceptionHandler((t, fault) -> faults.add(fault));
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(faults).isEmpty();
        pointers.remember(ONE, answer("192.0.2.1"), 1, 360, START);
        assertThat(find("1.2.0.192.in-addr.arpa", START)).startsWith("one.");
        assertThat(find("2.2.0.192.in-addr.arpa", START))
                .isIn("one.example.com 300", "two.example.com 300");
    }
}
