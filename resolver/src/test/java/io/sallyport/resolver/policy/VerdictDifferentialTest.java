package io.sallyport.resolver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Internal;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.policy.Policy.Rules;
import io.sallyport.resolver.policy.Policy.Subject;
import io.sallyport.resolver.policy.Policy.Verdict;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * The compiled policy against one that is read off the definition of a verdict, over random
 * policies and names: labels of any octets, among them dots, NULs and what looks like a length.
 */
class VerdictDifferentialTest {
    private static final int NAMES = 1_500;
    private static final String[] LABELS = {"a", "b", "ab", "a.b", "x\0", "\u0003www", "é", "dns"};
    private static final List<String> RESOLVERS = List.of("dns", "google");

    /** One entry as its definition has it: labels from the left, and what it covers. */
    private record Naive(List<String> labels, DomainPattern.Scope scope) {
        boolean covers(List<String> name) {
            int below = name.size() - labels.size();
            boolean suffix = below >= 0 && name.subList(below, name.size()).equals(labels);
            return switch (scope) {
                case EXACT -> suffix && below == 0;
                case BELOW -> suffix && below > 0;
                case AT_OR_BELOW -> suffix;
            };
        }
    }

    private record Lists(
            boolean internet,
            boolean all,
            List<Naive> deny,
            List<Naive> emergency,
            List<Naive> allow,
            List<Naive> internal,
            boolean nodata) {

        /** The order of the design: off, denied, emergency, public resolvers, all, allowed. */
        String judge(List<String> name) {
            if (!internet) {
                return "INTERNET_OFF";
            }
            if (covered(deny, name)) {
                return "DENIED_DOMAIN";
            }
            if (covered(emergency, name)) {
                return "EMERGENCY";
            }
            if (new Naive(RESOLVERS, DomainPattern.Scope.AT_OR_BELOW).covers(name)) {
                return "PUBLIC_RESOLVER";
            }
            return all || covered(allow, name) ? "allow" : "NOT_ALLOWED";
        }

        boolean isAncestor(List<String> name) {
            return nodata
                    && allow.stream()
                            .anyMatch(entry -> {
                                int above = entry.labels.size() - name.size();
                                boolean suffix =
                                        above >= 0
                                                && entry.labels
                                                        .subList(above, entry.labels.size())
                                                        .equals(name);
                                return suffix
                                        && (above > 0 || entry.scope == DomainPattern.Scope.BELOW);
                            });
        }

        private static boolean covered(List<Naive> entries, List<String> name) {
            return entries.stream().anyMatch(entry -> entry.covers(name));
        }
    }

    @RepeatedTest(30)
    void agreesWithTheDefinition(RepetitionInfo repetition) {
        long seed = 7_053L + repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Lists lists =
                new Lists(
                        random.nextInt(10) > 0,
                        random.nextInt(4) == 0,
                        entries(random, 8),
                        entries(random, 4),
                        entries(random, 40),
                        entries(random, 3),
                        random.nextBoolean());
        Policy policy = compile(lists);
        Subject subject = new Subject();
        for (int i = 0; i < NAMES; i++) {
            List<String> labels = labels(random, 6);
            byte[] octets = octets(labels);
            subject.prepare(octets, octets.length);

            Verdict verdict = policy.judge(subject);

            String what = "seed " + seed + ", " + lists + ", name " + labels;
            assertThat(text(verdict)).as(what).isEqualTo(lists.judge(labels));
            assertThat(text(policy.judge(WireName.ofLowered(octets, 0, octets.length))))
                    .as(what)
                    .isEqualTo(text(verdict));
            if (verdict instanceof Deny deny && deny.reason() == Reason.NOT_ALLOWED) {
                assertThat(policy.isAncestor(subject)).as(what).isEqualTo(lists.isAncestor(labels));
            }
            if (verdict instanceof Allow allow) {
                assertThat(!allow.filter().internal().isEmpty())
                        .as(what)
                        .isEqualTo(Lists.covered(lists.internal, labels));
            }
        }
    }

    private static String text(Verdict verdict) {
        return verdict instanceof Deny deny ? deny.reason().name() : "allow";
    }

    private static Policy compile(Lists lists) {
        AddressFilter filter = new AddressFilter(List.of(Cidr.parse("10.0.0.0/8")));
        return Policy.compile(
                new Rules(
                        "",
                        lists.internet,
                        lists.all,
                        compiled(lists.allow),
                        compiled(lists.deny),
                        compiled(lists.emergency),
                        lists.internal.stream()
                                .map(entry -> new Internal(pattern(entry), filter))
                                .toList(),
                        Set.of(),
                        List.of(6 << 16 | 443),
                        lists.nodata ? Ancestors.NODATA : Ancestors.NXDOMAIN));
    }

    private static List<Entry> compiled(List<Naive> entries) {
        return entries.stream().map(entry -> new Entry(pattern(entry), "test")).toList();
    }

    private static DomainPattern pattern(Naive entry) {
        byte[] octets = octets(entry.labels);
        return new DomainPattern(
                entry.scope, WireName.ofLowered(octets, 0, octets.length), List.of());
    }

    private static List<Naive> entries(Random random, int most) {
        List<Naive> entries = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            DomainPattern.Scope[] scopes = DomainPattern.Scope.values();
            entries.add(new Naive(labels(random, 4), scopes[random.nextInt(scopes.length)]));
        }
        return entries;
    }

    private static List<String> labels(Random random, int most) {
        if (random.nextInt(40) == 0) {
            return RESOLVERS;
        }
        List<String> labels = new ArrayList<>();
        for (int i = 1 + random.nextInt(most); i > 0; i--) {
            labels.add(LABELS[random.nextInt(LABELS.length)]);
        }
        return labels;
    }

    private static byte[] octets(List<String> labels) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (String label : labels) {
            byte[] bytes = label.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            octets.write(bytes.length);
            octets.writeBytes(bytes);
        }
        octets.write(0);
        return octets.toByteArray();
    }
}
