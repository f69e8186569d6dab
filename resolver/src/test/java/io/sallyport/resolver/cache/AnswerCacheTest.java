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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerCacheTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NOW =
            Long.MAX_VALUE - 10 * SECOND; // nanoTime may overflow at any moment

    private final AnswerCache cache = new AnswerCache(1 << 20, true);
    private final AnswerCache.Key www = cache.key(question("www.example.com"));

    @Test
    void answerIsFreshUntilItsTtlIsOver() {
        Answer answer = answer(60, NOW);
        cache.settle(www, answer, NOW);

        assertThat(fresh(www, NOW)).usingRecursiveComparison().isEqualTo(answer);
        assertThat(fresh(www, NOW + 60 * SECOND - 1)).usingRecursiveComparison().isEqualTo(answer);
        assertThat(fresh(www, NOW + 60 * SECOND)).isNull();
        assertThat(counter("hits_total")).isEqualTo(2);
        assertThat(counter("requests_total")).isEqualTo(3);
    }

    /** RFC 2308 §5: for its own time and no longer, whether it denies the name or the type. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void denialIsFreshUntilItsTtlIsOver(int rcode) {
        Answer denial = Answers.denial(rcode, 20, NOW);
        cache.settle(www, denial, NOW);

        assertThat(fresh(www, NOW + 20 * SECOND - 1)).usingRecursiveComparison().isEqualTo(denial);
        assertThat(fresh(www, NOW + 20 * SECOND)).isNull();
    }

    @Test
    void ttlZeroIsNotKept() {
        cache.settle(www, answer(0, NOW), NOW);

        assertThat(fresh(www, NOW)).isNull();
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
            cache.settle(cache.key(question), answer(60, NOW), NOW);
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
            hashes.add(new AnswerCache(1, true).key(question).hashCode());
        }
        assertThat(hashes).hasSizeGreaterThan(18);
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

    private @Nullable Answer fresh(AnswerCache.Key key, long now) {
        return cache.fresh(key, now, due -> {});
    }
}
