package io.sallyport.resolver.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Kind;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.budget.Budget.Passage;
import io.sallyport.resolver.name.WireName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NameBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String PATTERN = ".tunnel.test";
    private static final int ROOT = 1;

    private final List<Event> events = new ArrayList<>();
    private final Limits onlyNames =
            Limits.NONE
                    .with(Limit.NEW_NAMES_PER_MINUTE, 300)
                    .with(Limit.NEW_NAME_OCTETS_PER_MINUTE, 12_000);
    private Budget budget = new Budget("n1", onlyNames, events::add);
    private long now = 77;

    private boolean asks(String name, String pattern, int covered) {
        byte[] octets = WireName.parse(name).octets();
        return budget.depart(octets, octets.length, covered, pattern, now) == Passage.GO;
    }

    /** Below .tunnel.test unless it says otherwise. */
    private boolean asks(String name) {
        return asks(name, PATTERN, WireName.parse("tunnel.test").length());
    }

    private int asked(int from, int to, String below) {
        int passed = 0;
        for (int i = from; i < to; i++) {
            passed += asks("h" + i + "." + below) ? 1 : 0;
        }
        return passed;
    }

    @Test
    void aTunnelIsCutWithinSecondsAndToldOnce() {
        String label = "x".repeat(62);
        int passed = 0;
        long start = now;
        long cut = 0;
        for (int i = 0; i < 500; i++) {
            boolean out = asks("%04d.%s.%s.%s.tunnel.test".formatted(i, label, label, label));
            passed += out ? 1 : 0;
            cut = out || cut != 0 ? cut : now;
            now += SECOND / 50;
        }

        assertThat(passed * 194).as("octets that got out in ten seconds").isLessThan(12_001);
        assertThat(cut - start).isLessThan(2 * SECOND);
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().kind()).isEqualTo(Kind.NAMES);
        assertThat(events.getFirst().pattern()).isEqualTo(PATTERN);
        assertThat(events.getFirst().names()).isEqualTo(passed);
        assertThat(events.toString()).doesNotContain("xxx");
    }

    @Test
    void shortNamesAreCountedToo() {
        assertThat(asked(0, 1000, "tunnel.test")).isEqualTo(300);
        now += 59 * SECOND;
        assertThat(asks("late.tunnel.test")).isFalse();
        now += SECOND;
        assertThat(asked(0, 1000, "tunnel.test")).isEqualTo(300);
        assertThat(events).hasSize(2);
    }

    @Test
    void aNameCountsOnceAMinuteAndGoesOnWhenNewOnesDoNot() {
        asked(0, 299, "tunnel.test");
        for (int i = 0; i < 100; i++) {
            assertThat(asks("h1.tunnel.test")).isTrue();
        }
        assertThat(asked(299, 400, "tunnel.test")).isEqualTo(1);
        assertThat(asks("h1.tunnel.test")).isTrue();
        assertThat(asks("h399.tunnel.test")).as("refused before, so not known").isFalse();
    }

    /** 256 names that are known carry an octet each time one of them leaves again. */
    @Test
    void choosingAmongKnownNamesIsATunnelToo() {
        asked(0, 256, "tunnel.test");
        int passed = 0;
        for (int i = 0; i < 60_000; i++) {
            passed += asks("h" + (i * 31 % 256) + ".tunnel.test") ? 1 : 0;
        }

        assertThat(passed).isLessThan(12_000);
        assertThat(events).hasSize(1);
    }

    @Test
    void patternsHaveTheirOwn() {
        asked(0, 1000, "tunnel.test");

        assertThat(asks("a.other.test", ".other.test", 12)).isTrue();
    }

    @Test
    void exactNamesAreExempt() {
        for (int i = 0; i < 5_000; i++) {
            assertThat(asks("host" + i + ".exact.test", "host" + i + ".exact.test", 0)).isTrue();
        }
    }

    @Test
    void allPatternsTogetherAreEightTimesOne() {
        int passed = 0;
        for (int pattern = 0; pattern < 60; pattern++) {
            for (int i = 0; i < 100; i++) {
                String apex = "p" + pattern + ".test";
                passed += asks(i + "." + apex, "." + apex, WireName.parse(apex).length()) ? 1 : 0;
            }
        }

        assertThat(passed).isEqualTo(2400);
    }

    @Test
    void levelAllCountsByRegistrableDomainAndLetsACrawlerPass() {
        int passed = 0;
        for (int i = 0; i < 10_000; i++) {
            passed += asks("www.shop" + i + ".co.uk", "*", ROOT) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(10_000);

        now += 61 * SECOND;
        passed = 0;
        for (int i = 0; i < 1000; i++) {
            passed += asks("h" + i + ".a.b.tunnel.co.uk", "*", ROOT) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(300);
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().pattern()).isEqualTo(".tunnel.co.uk");
    }

    @Test
    void aRunThroughDomainsIsToldFourTimesAMinute() {
        String label = "x".repeat(62);
        for (int minute = 1; minute <= 2; minute++) {
            int refused = 0;
            for (int i = 0; i < 20 * 80; i++) {
                String name = "%04d.%s.%s.%s.d%d.com".formatted(i, label, label, label, i % 20);
                refused += asks(name, "*", ROOT) ? 0 : 1;
            }
            assertThat(refused).isGreaterThan(20 * 10);
            assertThat(events).hasSize(4 * minute);
            now += 61 * SECOND;
        }
    }

    /** npm, pip and a page on a content network, each name asked for A and AAAA. */
    @Test
    void aBusyBuildNeverMeetsIt() {
        budget = new Budget("n1", Limits.DEFAULT, events::add);
        for (int minute = 0; minute < 3; minute++) {
            for (int i = 0; i < 150; i++) {
                for (int type = 0; type < 2; type++) {
                    assertThat(asks("d1a2b3c4d5e6f" + i + ".cloudfront.net", ".cloudfront.net", 16))
                            .isTrue();
                    assertThat(
                                    asks(
                                            "my-bucket-with-a-name-" + i + ".s3.amazonaws.com",
                                            ".amazonaws.com",
                                            15))
                            .isTrue();
                    assertThat(asks("files.python.org", ".python.org", 18)).isTrue();
                    budget.arrived();
                    budget.arrived();
                    budget.arrived();
                }
                now += 60 * SECOND / 150;
            }
        }
        assertThat(events).isEmpty();
    }

    @Test
    void threadsTogetherLetNoMorePassThanOneEach() throws InterruptedException {
        AtomicInteger passed = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);
        for (int thread = 0; thread < 4; thread++) {
            int from = thread * 10_000;
            Thread.ofPlatform()
                    .start(() -> {
                        passed.addAndGet(asked(from, from + 10_000, "tunnel.test"));
                        done.countDown();
                    });
        }
        done.await();

        assertThat(passed.get()).isBetween(300, 303);
        assertThat(events).hasSize(1);
    }
}
