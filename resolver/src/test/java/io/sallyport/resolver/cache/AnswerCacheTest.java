package io.sallyport.resolver.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NOW =
            Long.MAX_VALUE - 10 * SECOND; // nanoTime may overflow at any moment

    private final AnswerCache cache = new AnswerCache(1 << 20);
    private final AnswerCache.Key www = cache.key(question("www.example.com"));

    @Test
    void answerIsFreshUntilItsTtlIsOver() {
        Answer answer = answer(60, NOW);
        cache.put(www, answer);

        assertThat(cache.fresh(www, NOW)).isSameAs(answer);
        assertThat(cache.fresh(www, NOW + 60 * SECOND - 1)).isSameAs(answer);
        assertThat(cache.fresh(www, NOW + 60 * SECOND)).isNull();
        assertThat(counter("hits_total")).isEqualTo(2);
        assertThat(counter("requests_total")).isEqualTo(3);
    }

    @Test
    void ttlZeroIsNotKept() {
        cache.put(www, answer(0, NOW));

        assertThat(cache.fresh(www, NOW)).isNull();
    }

    @Test
    void failureIsKeptForASecondAndARepeatedOneForFive() {
        cache.put(www, failure(NOW));
        assertThat(cache.fresh(www, NOW + SECOND - 1)).isNotNull();
        assertThat(cache.fresh(www, NOW + SECOND)).isNull();

        long again = NOW + 2 * SECOND;
        cache.put(www, failure(again));
        assertThat(cache.fresh(www, again + 5 * SECOND - 1)).isNotNull();
        assertThat(cache.fresh(www, again + 5 * SECOND)).isNull();

        long later = again + 60 * SECOND;
        cache.put(www, failure(later));
        assertThat(cache.fresh(www, later + SECOND)).isNull();
    }

    @Test
    void everyPartOfTheQuestionCounts() {
        WireName name = WireName.parse("www.example.com");
        AddressFilter internal = new AddressFilter(List.of(Cidr.parse("10.0.0.0/8")));
        AddressFilter other = new AddressFilter(List.of(Cidr.parse("10.0.0.0/9")));
        List<Question> questions =
                List.of(
                        new Question(name, 1, false, false, AddressFilter.PUBLIC),
                        new Question(name, 28, false, false, AddressFilter.PUBLIC),
                        new Question(name, 1, true, false, AddressFilter.PUBLIC),
                        new Question(name, 1, false, true, AddressFilter.PUBLIC),
                        new Question(name, 1, false, false, internal),
                        new Question(name, 1, false, false, other),
                        new Question(
                                WireName.parse("example.com"),
                                1,
                                false,
                                false,
                                AddressFilter.PUBLIC));
        for (Question question : questions) {
            cache.put(cache.key(question), answer(60, NOW));
            assertThat(
                            questions.stream()
                                    .filter(asked -> cache.peek(cache.key(asked), NOW) != null))
                    .hasSize(questions.indexOf(question) + 1);
        }
        Question again =
                new Question(
                        name,
                        1,
                        false,
                        false,
                        new AddressFilter(List.of(Cidr.parse("10.0.0.0/8"))));
        assertThat(cache.peek(cache.key(again), NOW)).isNotNull();
    }

    @Test
    void namesThatCollideElsewhereDoNotCollideHere() {
        Set<Integer> plain = new HashSet<>();
        Set<Integer> keyed = new HashSet<>();
        for (int i = 0;
                i < 4096;
                i++) { // "0p" and "1Q" collide under Arrays.hashCode, so do all their sequences
            StringBuilder label = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                label.append((i >> bit & 1) == 0 ? "0p" : "1Q");
            }
            byte[] octets = ("\u0018" + label + "\u0000").getBytes(StandardCharsets.US_ASCII);
            WireName name = WireName.ofLowered(octets, 0, octets.length);
            plain.add(name.hashCode());
            keyed.add(
                    cache.key(new Question(name, 1, false, false, AddressFilter.PUBLIC))
                            .hashCode());
        }
        assertThat(plain).hasSizeLessThan(20);
        assertThat(keyed).hasSizeGreaterThan(4000);
    }

    @Test
    void twoCachesHashDifferently() {
        Question question = question("www.example.com");
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            hashes.add(new AnswerCache(1).key(question).hashCode());
        }
        assertThat(hashes).hasSizeGreaterThan(18);
    }

    @Test
    void randomNamesStayWithinTheBoundAndLeaveTheHotOnes() {
        Random random = new Random(7);
        int hotHits = 0;
        int hotAsks = 0;
        for (int i = 0; i < 200_000; i++) {
            AnswerCache.Key key = cache.key(question("r" + random.nextLong() + ".wild.example"));
            if (cache.fresh(key, NOW) == null) {
                cache.put(key, answer(300, NOW));
            }
            if (i % 20 == 0) {
                AnswerCache.Key hot = cache.key(question("hot" + i % 200 + ".example.com"));
                boolean hit = cache.fresh(hot, NOW) != null;
                if (!hit) {
                    cache.put(hot, answer(300, NOW));
                }
                if (i > 20_000) {
                    hotAsks++;
                    hotHits += hit ? 1 : 0;
                }
            }
            if (i % 1000 == 0) {
                assertThat(counter("bytes")).isLessThanOrEqualTo(1 << 20);
            }
        }
        assertThat(counter("bytes")).isBetween(1L << 19, 1L << 20);
        assertThat(counter("entries")).isLessThan(4000);
        assertThat(hotHits).isGreaterThan(hotAsks * 99 / 100);
    }

    @Test
    void answerLargerThanTheCacheIsNotKept() {
        AnswerCache small = new AnswerCache(1000);
        AnswerCache.Key key = small.key(question("www.example.com"));
        small.put(
                key,
                new Answer(
                        0,
                        false,
                        1,
                        0,
                        new byte[2000],
                        new int[1],
                        new int[1],
                        60,
                        NOW,
                        new byte[0][],
                        -1,
                        ""));

        assertThat(small.fresh(key, NOW)).isNull();
    }

    /** The weight that is counted against what a heap full of entries really takes. */
    @Test
    void weightIsHonest() {
        AnswerCache large = new AnswerCache(1L << 30);
        long before = used();
        for (int i = 0; i < 50_000; i++) {
            large.put(large.key(question("name-number-" + i + ".example.com")), answer(300, NOW));
        }
        long taken = used() - before;
        Map<String, Long> counters = new TreeMap<>();
        large.writeCounters(counters);
        assertThat(counters.get("sallyport_cache_entries")).isEqualTo(50_000);
        System.out.println(+(double) counters.getOrDefault("sallyport_cache_bytes", 0L) / taken);
        assertThat((double) counters.getOrDefault("sallyport_cache_bytes", 0L) / taken)
                .isBetween(0.8, 1.5);
    }

    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least =
                    Math.min(
                            least,
                            Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    private long counter(String name) {
        Map<String, Long> counters = new TreeMap<>();
        cache.writeCounters(counters);
        return counters.getOrDefault("sallyport_cache_" + name, -1L);
    }

    private static Question question(String name) {
        return new Question(WireName.parse(name), 1, false, false, AddressFilter.PUBLIC);
    }

    private static Answer answer(int ttl, long born) {
        byte[] body = new byte[16];
        Arrays.fill(body, (byte) 1);
        byte[][] addresses = {{93, (byte) 184, (byte) 216, 34}};
        return new Answer(
                0, false, 1, 0, body, new int[] {16}, new int[] {6}, ttl, born, addresses, -1, "");
    }

    private static Answer failure(long born) {
        return Answer.serverFailure(22, "silent", born);
    }
}
