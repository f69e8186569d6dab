package io.sallyport.resolver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Internal;
import io.sallyport.resolver.policy.Policy.Rules;
import io.sallyport.resolver.policy.Policy.Subject;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a judgement leaves behind: nothing; and what policies share. */
class AllocationTest {
    private static final int JUDGEMENTS = 100_000;

    /** What the test's own loop and its interpreter may take. */
    private static final int NOTHING = 100_000;

    private static Policy policy(String label, String allow) {
        List<Entry> entries =
                DomainPattern.parseList(allow).stream().map(p -> new Entry(p, "test")).toList();
        return Policy.compile(
                new Rules(
                        label,
                        true,
                        false,
                        entries,
                        List.of(),
                        List.of(),
                        List.of(
                                new Internal(
                                        DomainPattern.parse(".corp.example"),
                                        new AddressFilter(List.of(Cidr.parse("10.1.0.0/16")))),
                                new Internal(
                                        DomainPattern.parse(".db.corp.example"),
                                        new AddressFilter(List.of(Cidr.parse("10.2.0.0/16"))))),
                        Set.of(),
                        List.of(6 << 16 | 443),
                        Ancestors.NODATA));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.corp.example",
                "b.db.corp.example",
                "www.allowed.example",
                "denied.example",
                "dns.google"
            })
    void judgingAllocatesNothing(String name) {
        Policy policy = policy("one", ".corp.example,.allowed.example");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] octets = WireName.parse(name).octets();
        Subject subject = new Subject();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < JUDGEMENTS; i++) {
                subject.prepare(octets, octets.length);
                policy.judge(subject);
                policy.isAncestor(subject);
            }
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(allocated).isLessThan(NOTHING);
    }

    @Test
    void namesOfTwoInternalDomainsKeepTheirOwnFilters() {
        Policy policy = policy("one", ".corp.example");
        for (int i = 0; i < 3; i++) {
            assertThat(filter(policy, "a.corp.example")).isEqualTo(Cidr.parse("10.1.0.0/16"));
            assertThat(filter(policy, "a.db.corp.example")).isEqualTo(Cidr.parse("10.2.0.0/16"));
        }
    }

    private static Cidr filter(Policy policy, String name) {
        return ((Allow) policy.judge(WireName.parse(name))).filter().internal().getFirst();
    }

    @Test
    void policiesOfEqualListsShareThem() {
        String list = ".a.example,*.b.example,c.example:5432";

        assertThat(lists(list)).isSameAs(lists(list));
        assertThat(lists(list)).isNotSameAs(lists(list + ",d.example"));
        assertThat(lists(list)).isNotSameAs(lists(list.replace("5432", "5433")));
        assertThat(lists(list)).isNotSameAs(lists(list.replace("*.b", ".b")));
    }

    private static EntryList lists(String text) {
        return SharedLists.of(
                DomainPattern.parseList(text).stream().map(p -> new Entry(p, "test")).toList());
    }

    @Test
    void howMuchOfANameAnEntryCoversGoesWithTheVerdict() {
        Policy policy = policy("one", ".a.example,*.b.example,c.example");

        assertThat(covered(policy, "x.y.a.example"))
                .isEqualTo(WireName.parse("a.example").length());
        assertThat(covered(policy, "x.b.example")).isEqualTo(WireName.parse("b.example").length());
        assertThat(covered(policy, "a.example")).isZero();
        assertThat(covered(policy, "c.example")).isZero();
    }

    private static int covered(Policy policy, String name) {
        return ((Allow) policy.judge(WireName.parse(name))).covered();
    }
}
