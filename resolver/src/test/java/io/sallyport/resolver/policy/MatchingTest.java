package io.sallyport.resolver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Rules;
import io.sallyport.resolver.policy.Policy.Subject;
import io.sallyport.resolver.policy.Policy.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The hashed matcher against one that looks at every pattern. */
class MatchingTest {
    /** Few labels, some of them traps, so that random names often nearly match. */
    private static final String[] LABELS = {"a", "b", "ab", "ba", "aa", "www", "a-b", "x1"};

    private static Policy compile(List<DomainPattern> patterns) {
        List<Entry> entries = patterns.stream().map(p -> new Entry(p, "test")).toList();
        return Policy.compile(
                new Rules(
                        "",
                        true,
                        false,
                        entries,
                        List.of(),
                        List.of(),
                        List.of(),
                        Set.of(),
                        List.of(),
                        Ancestors.NXDOMAIN));
    }

    private static String name(Random random, int most) {
        StringBuilder text = new StringBuilder(LABELS[random.nextInt(LABELS.length)]);
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append('.').append(LABELS[random.nextInt(LABELS.length)]);
        }
        return text.toString();
    }

    private static boolean covers(DomainPattern pattern, WireName name) {
        boolean same = name.equals(pattern.name());
        return switch (pattern.scope()) {
            case EXACT -> same;
            case BELOW -> !same && name.isAtOrBelow(pattern.name());
            case AT_OR_BELOW -> name.isAtOrBelow(pattern.name());
        };
    }

    @RepeatedTest(20)
    void agreesWithLookingAtEveryPattern(RepetitionInfo repetition) {
        Random random = new Random(42 + repetition.getCurrentRepetition());
        List<DomainPattern> patterns = new ArrayList<>();
        for (int i = 20 + random.nextInt(200); i >= 0; i--) {
            Scope scope = List.of(Scope.values()).get(random.nextInt(3));
            patterns.add(
                    new DomainPattern(
                            scope,
                            WireName.parse(name(random, 3) + "." + name(random, 3)),
                            List.of()));
        }
        Policy policy = compile(patterns);
        int allowed = 0;
        for (int i = 0; i < 3_000; i++) {
            WireName name = WireName.parse(name(random, 7));
            Optional<DomainPattern> naive =
                    patterns.stream()
                            .filter(p -> covers(p, name))
                            .max(Comparator.comparingInt(p -> p.name().labels()));
            Verdict verdict = policy.judge(name);
            assertThat(verdict instanceof Allow).as(name.toString()).isEqualTo(naive.isPresent());
            if (verdict instanceof Allow allow) {
                allowed++;
                assertThat(WireName.parse(allow.pattern().replaceFirst("^\\*?\\.", "")).labels())
                        .as(name.toString())
                        .isEqualTo(naive.orElseThrow().name().labels());
            }
        }
        assertThat(allowed).as("the test sees both outcomes").isBetween(1, 2_999);
    }

    @Test
    void namesWithTheMostLabelsAreJudgedLikeOthers() {
        WireName deep = WireName.parse("a.".repeat(126) + "b");
        Policy policy =
                compile(
                        List.of(
                                new DomainPattern(
                                        Scope.BELOW,
                                        WireName.parse("a.".repeat(100) + "b"),
                                        List.of()),
                                new DomainPattern(
                                        Scope.EXACT,
                                        WireName.parse("a.".repeat(70) + "b"),
                                        List.of())));

        assertThat(deep.labels()).isEqualTo(127);
        assertThat(policy.judge(deep)).isInstanceOf(Allow.class);
        assertThat(policy.judge(WireName.parse("a.".repeat(100) + "b")))
                .isInstanceOf(Policy.Deny.class);
        assertThat(policy.judge(WireName.parse("a.".repeat(70) + "b"))).isInstanceOf(Allow.class);
    }

    @Test
    void aMillionPatternsCompileAndCostNoMoreToAsk() {
        int count = 1_000_000;
        List<DomainPattern> patterns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            WireName name = WireName.parse("host" + i + ".example.com");
            patterns.add(new DomainPattern(Scope.AT_OR_BELOW, name, List.of()));
        }
        List<Entry> entries = patterns.stream().map(p -> new Entry(p, "test")).toList();
        long start = System.nanoTime();
        Policy large =
                Policy.compile(
                        new Rules(
                                "",
                                true,
                                false,
                                entries,
                                List.of(),
                                List.of(),
                                List.of(),
                                Set.of(),
                                List.of(),
                                Ancestors.NXDOMAIN));
        long compiled = System.nanoTime() - start;

        assertThat(compiled).as("nanoseconds to compile").isLessThan(10_000_000_000L);
        assertThat(large.judge(WireName.parse("x.host999999.example.com")))
                .isInstanceOf(Allow.class);
        assertThat(large.judge(WireName.parse("host1000000.example.com")))
                .isInstanceOf(Policy.Deny.class);

        Policy small = compile(patterns.subList(0, 10));
        double ratio = nanosPerJudgement(large) / nanosPerJudgement(small);
        assertThat(ratio).as("cost of a million patterns against ten").isLessThan(10);
    }

    /** The best of several rounds, because other work on the machine only ever makes one slower. */
    private static double nanosPerJudgement(Policy policy) {
        WireName denied = WireName.parse("www.denied.example.net");
        Subject subject = new Subject();
        long best = Long.MAX_VALUE;
        int denials = 0;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 20_000; i++) {
                subject.prepare(denied.octets(), denied.length());
                denials += policy.judge(subject) instanceof Policy.Deny ? 1 : 0;
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        assertThat(denials).isEqualTo(400_000);
        return best / 20_000.0;
    }
}
