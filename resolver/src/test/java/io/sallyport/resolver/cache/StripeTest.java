package io.sallyport.resolver.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records, queues and index of a stripe against a map that forgets nothing. */
class StripeTest {
    private static final long NOW = 1;

    private final AnswerCache keys = new AnswerCache(0, true);
    private final LongAdder evictions = new LongAdder();
    private final Random random = new Random(11);

    @Test
    void everyFieldComesBack() {
        byte[][] addresses = {{1, 2, 3, 4}, new byte[16]};
        Answer answer =
                new Answer(
                        3,
                        true,
                        300,
                        2,
                        random(9000),
                        new int[] {0, 17, 65_535},
                        new int[] {6, 40_000},
                        300,
                        Long.MIN_VALUE,
                        addresses,
                        49_152,
                        "ü€😀");
        AddressFilter filter =
                new AddressFilter(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")));
        Question question =
                new Question(WireName.parse("www.example.com"), 65_535, true, true, filter);
        AnswerCache.Key key = keys.key(question);
        for (Entry entry :
                List.of(
                        Entry.good(answer),
                        Entry.failed(answer, 7, Long.MAX_VALUE, 60),
                        Entry.stale(answer, 300, -1, 30))) {
            int size = Packed.size(key, entry, 16_384);
            byte[] octets = new byte[size + 16];
            Packed.write(octets, 8, size, key, entry);

            Entry read = Packed.read(octets, 8);
            assertThat(Packed.is(octets, 8, key)).isTrue();
            assertThat(read).usingRecursiveComparison().ignoringFields("failures").isEqualTo(entry);
            assertThat(read.failures).isEqualTo(Math.min(entry.failures, 255));
            assertThat(octets).startsWith(0, 0, 0, 0, 0, 0, 0, 0).endsWith(0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    /** RFC 8914 §5.2: info codes have 16 bits; -1 is none. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 24, 65_534})
    void extendedErrorComesBack(int code) {
        Answer answer = Answers.failure(code, NOW);
        AnswerCache.Key key = keys.key(Answers.question("www.example.com"));
        byte[] octets = new byte[1024];
        Packed.write(octets, 0, 1024, key, Entry.good(answer));

        assertThat(Packed.read(octets, 0).shown().extendedError()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(ints = {24 * 1024, 100_000, 1 << 20})
    void whatIsFoundIsWhatWasPutLast(int octets) {
        Stripe stripe = new Stripe(octets, evictions);
        Map<Integer, Integer> last = new HashMap<>();
        long put = 0;
        for (int i = 0; i < 60_000; i++) {
            int name = random.nextInt(random.nextBoolean() ? 100 : 20_000);
            AnswerCache.Key key = key(name);
            switch (random.nextInt(8)) {
                case 0 -> {
                    stripe.remove(key);
                    last.remove(name);
                }
                case 1, 2, 3 -> {
                    int length = random.nextInt(600);
                    Entry entry = Entry.good(answer(length));
                    stripe.put(key, entry, Packed.size(key, entry, stripe.largest()));
                    last.put(name, length);
                    put++;
                    assertThat(Objects.requireNonNull(stripe.find(key)).kept().body())
                            .hasSize(length);
                }
                default -> {
                    Entry found = stripe.visit(key, NOW);
                    if (found != null) {
                        assertThat(found.kept().body())
                                .hasSize(Objects.requireNonNull(last.get(name)));
                    }
                }
            }
            assertThat(stripe.octets()).isLessThanOrEqualTo(octets);
        }
        long kept = last.keySet().stream().filter(name -> stripe.find(key(name)) != null).count();
        assertThat(stripe.size()).as("nothing else is counted").isEqualTo((int) kept);
        assertThat(evictions.sum()).isBetween(last.size() - kept, put);
    }

    @Test
    void popularStaysThroughAFloodOfNamesThatAreAskedOnce() {
        Stripe stripe = new Stripe(1 << 20, evictions);
        for (int i = 0; i < 200_000; i++) {
            put(stripe, i < 50 ? i : 1_000 + i);
            for (int name = 0; i % 1000 == 0 && name < 50; name++) {
                stripe.visit(key(name), NOW);
            }
        }
        for (int name = 0; name < 50; name++) {
            assertThat(stripe.find(key(name))).as("name %d", name).isNotNull();
        }
    }

    @Test
    void refreshIsDueOnce() {
        Stripe stripe = new Stripe(1 << 20, evictions);
        put(stripe, 1);

        assertThat(stripe.refresh(key(1))).isTrue();
        assertThat(stripe.refresh(key(1))).isFalse();
        put(stripe, 1);
        assertThat(stripe.refresh(key(1))).isTrue();
    }

    private void put(Stripe stripe, int name) {
        AnswerCache.Key key = key(name);
        Entry entry = Entry.good(answer(40));
        stripe.put(key, entry, Packed.size(key, entry, stripe.largest()));
    }

    private AnswerCache.Key key(int name) {
        return keys.key(Answers.question("n" + name + ".example.com"));
    }

    private Answer answer(int length) {
        return new Answer(
                0,
                false,
                1,
                0,
                new byte[length],
                new int[] {length},
                new int[] {6},
                300,
                NOW,
                new byte[0][],
                -1,
                "");
    }

    private byte[] random(int length) {
        byte[] octets = new byte[length];
        random.nextBytes(octets);
        return octets;
    }
}
