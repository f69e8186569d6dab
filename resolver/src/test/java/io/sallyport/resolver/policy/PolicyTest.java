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
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {
    private static final int HTTPS = 6 << 16 | 443;

    private static List<Entry> entries(String list, String source) {
        return DomainPattern.parseList(list).stream().map(p -> new Entry(p, source)).toList();
    }

    private static Rules rules(
            boolean internet,
            boolean all,
            String allow,
            String deny,
            String emergency,
            String internal) {
        List<Internal> blocks =
                DomainPattern.parseList(internal).stream()
                        .map(p ->
                                new Internal(
                                        p, new AddressFilter(List.of(Cidr.parse("10.1.0.0/16")))))
                        .toList();
        return new Rules(
                "org acme",
                internet,
                all,
                entries(allow, "custom domain"),
                entries(deny, "denied domain"),
                entries(emergency, "incident 7"),
                blocks,
                Set.of(),
                List.of(HTTPS),
                Ancestors.NXDOMAIN);
    }

    private static Policy policy(boolean all, String allow, String deny, String emergency) {
        return Policy.compile(rules(true, all, allow, deny, emergency, ""));
    }

    private static Verdict judge(Policy policy, String name) {
        return policy.judge(WireName.parse(name));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # pattern        | name                       | covered
                    api.example.com  | api.example.com            | true
                    api.example.com  | API.EXAMPLE.COM            | true
                    api.example.com  | x.api.example.com          | false
                    api.example.com  | example.com                | false
                    api.example.com  | api.example.com.evil.test1 | false
                    *.example.com    | example.com                | false
                    *.example.com    | a.example.com              | true
                    *.example.com    | a.b.c.d.example.com        | true
                    *.example.com    | notexample.com             | false
                    *.example.com    | example.com.evil.test1     | false
                    *.example.com    | aexample.com               | false
                    .example.com     | example.com                | true
                    .example.com     | a.example.com              | true
                    .example.com     | notexample.com             | false
                    .example.com     | com                        | false
                    .example.com     | .                          | false
                    """)
    void coversExactlyWhatItsFormSays(String pattern, String name, boolean covered) {
        assertThat(judge(policy(false, pattern, "", ""), name) instanceof Allow).isEqualTo(covered);
        assertThat(judge(policy(true, "", pattern, ""), name) instanceof Deny).isEqualTo(covered);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # all | allow          | deny          | emergency     | name            | decided by
                    false | .example.com   |               |               | a.example.com   | allow .example.com
                    false | .example.com   | a.example.com |               | a.example.com   | DENIED_DOMAIN a.example.com
                    false | a.example.com  | .example.com  |               | a.example.com   | DENIED_DOMAIN .example.com
                    false | .example.com   | a.example.com |               | b.example.com   | allow .example.com
                    false | .example.com   |               | *.example.com | b.example.com   | EMERGENCY *.example.com
                    true  |                |               | b.example.com | b.example.com   | EMERGENCY b.example.com
                    true  |                | b.example.com | b.example.com | b.example.com   | DENIED_DOMAIN b.example.com
                    true  |                |               |               | anything.test1  | allow *
                    true  | .example.com   |               |               | a.example.com   | allow .example.com
                    false |                |               |               | example.com     | NOT_ALLOWED
                    true  | dns.google     |               |               | dns.google      | PUBLIC_RESOLVER .dns.google
                    true  |                |               |               | x.dns.google    | PUBLIC_RESOLVER .dns.google
                    true  |                |               |               | doh.opendns.com | PUBLIC_RESOLVER .doh.opendns.com
                    false | .icloud.com    |               |               | mask.icloud.com | PUBLIC_RESOLVER mask.icloud.com
                    false | .icloud.com    |               |               | www.icloud.com  | allow .icloud.com
                    true  |                |               |               | use-application-dns.net | PUBLIC_RESOLVER use-application-dns.net
                    true  |                |               |               | dns.google.evil.test1   | allow *
                    """)
    void judgesInThisOrder(
            boolean all, String allow, String deny, String emergency, String name, String decided) {
        Policy policy = policy(all, or(allow), or(deny), or(emergency));

        String verdict =
                switch (judge(policy, name)) {
                    case Allow(var pattern, var source, var filter, var ports, var _) ->
                            "allow " + pattern;
                    case Deny(var reason, var pattern, var source) ->
                            (reason + " " + pattern).strip();
                };
        assertThat(verdict).isEqualTo(decided);
    }

    private static String or(String cell) {
        return cell == null ? "" : cell;
    }

    @Test
    void internetOffDeniesEveryNameBeforeAnythingElse() {
        Policy off = Policy.compile(rules(false, true, ".example.com", "", "", ""));

        assertThat(judge(off, "a.example.com")).isEqualTo(new Deny(Reason.INTERNET_OFF, "", ""));
    }

    @Test
    void pendingDeniesEveryNameAsNotReady() {
        assertThat(judge(Policy.PENDING, "a.example.com"))
                .isEqualTo(new Deny(Reason.NOT_READY, "", ""));
        assertThat(judge(Policy.PENDING, ".")).isEqualTo(new Deny(Reason.NOT_READY, "", ""));
    }

    @Test
    void mostSpecificPatternDecidesThePorts() {
        Policy policy =
                policy(false, ".example.com db.example.com:5432 *.db.example.com:22", "", "");

        assertThat(((Allow) judge(policy, "www.example.com")).ports()).containsExactly(HTTPS);
        assertThat(((Allow) judge(policy, "db.example.com")).ports())
                .containsExactly(6 << 16 | 5432);
        assertThat(((Allow) judge(policy, "a.db.example.com")).ports())
                .containsExactly(6 << 16 | 22);
    }

    @Test
    void portsOfOneNameAddUp() {
        Policy two = policy(false, "db.example.com:5432 db.example.com:5433", "", "");
        Policy wide = policy(false, "db.example.com:5432 db.example.com", "", "");

        assertThat(((Allow) judge(two, "db.example.com")).ports())
                .containsExactly(6 << 16 | 5432, 6 << 16 | 5433);
        assertThat(((Allow) judge(wide, "db.example.com")).ports()).contains(HTTPS);
    }

    @Test
    void entryWithAPortOfItsOwnKeepsThePolicysPortsIfTheNameHasThemToo() {
        Policy policy = policy(false, "db.example.com db.example.com:5432", "", "");

        assertThat(((Allow) judge(policy, "db.example.com")).ports())
                .contains(HTTPS, 6 << 16 | 5432);
    }

    @Test
    void levelAllPinsNothingButInternalDomains() {
        Policy all = Policy.compile(rules(true, true, "", "", "", ".corp.internal"));

        assertThat(((Allow) judge(all, "example.com")).ports()).isEmpty();
        assertThat(((Allow) judge(all, "example.com")).filter()).isEqualTo(AddressFilter.PUBLIC);
        Allow internal = (Allow) judge(all, "git.corp.internal");
        assertThat(internal.ports()).containsExactly(HTTPS);
        assertThat(internal.filter().internal()).containsExactly(Cidr.parse("10.1.0.0/16"));
        assertThat(internal.explicit()).isTrue();
    }

    @Test
    void internalDomainDoesNotAllowByItself() {
        Policy policy =
                Policy.compile(rules(true, false, "git.corp.internal", "", "", ".corp.internal"));

        assertThat(judge(policy, "wiki.corp.internal")).isInstanceOf(Deny.class);
        assertThat(((Allow) judge(policy, "git.corp.internal")).filter().internal()).hasSize(1);
    }

    @Test
    void labelWithADotInsideMatchesNoSuffix() {
        Policy policy = policy(false, ".example.com example.com *.com1", "", "");
        byte[] oneLabel = new byte[13];
        oneLabel[0] = 11;
        System.arraycopy(
                "example.com".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                0,
                oneLabel,
                1,
                11);
        byte[] below = new byte[17];
        below[0] = 11;
        System.arraycopy(oneLabel, 1, below, 1, 11);
        below[12] = 3;
        System.arraycopy(
                "net".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, below, 13, 3);

        assertThat(policy.judge(WireName.ofLowered(oneLabel, 0, 13))).isInstanceOf(Deny.class);
        assertThat(policy.judge(WireName.ofLowered(below, 0, 17))).isInstanceOf(Deny.class);
    }

    @Test
    void labelWithANulMatchesNothingButItself() {
        Policy policy = policy(false, "a.example.com", "", "");
        byte[] name = WireName.parse("ab.example.com").octets().clone();
        name[2] = 0;

        assertThat(policy.judge(WireName.ofLowered(name, 0, name.length))).isInstanceOf(Deny.class);
    }

    @Test
    void knowsAncestorsOfAllowedNamesWhenAskedTo() {
        Rules base =
                rules(true, false, "api.example.com *.b.example.net .c.example.org", "", "", "");
        Policy nodata =
                Policy.compile(
                        new Rules(
                                base.label(),
                                true,
                                false,
                                base.allow(),
                                base.deny(),
                                base.emergency(),
                                base.internal(),
                                base.types(),
                                base.ports(),
                                Ancestors.NODATA));

        for (String ancestor :
                List.of(".", "com", "example.com", "net", "b.example.net", "example.org")) {
            assertThat(nodata.isAncestor(subject(ancestor))).as(ancestor).isTrue();
            assertThat(Policy.compile(base).isAncestor(subject(ancestor))).as(ancestor).isFalse();
        }
        for (String other : List.of("api.example.com", "x.example.com", "c.example.org", "uk")) {
            assertThat(nodata.isAncestor(subject(other))).as(other).isFalse();
        }
    }

    private static Subject subject(String name) {
        WireName wire = WireName.parse(name);
        Subject subject = new Subject();
        subject.prepare(wire.octets(), wire.length());
        return subject;
    }

    @Test
    void allowsAddressesAndAliasesUnlessToldOtherwise() {
        Policy standard = policy(false, "a.example.com", "", "");
        Rules base = rules(true, false, "", "", "", "");
        Policy some =
                Policy.compile(
                        new Rules(
                                "",
                                true,
                                false,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                Set.of(1, 16),
                                base.ports(),
                                Ancestors.NXDOMAIN));
        Policy every =
                Policy.compile(
                        new Rules(
                                "",
                                true,
                                false,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                Set.of(Policy.EVERY_TYPE),
                                base.ports(),
                                Ancestors.NXDOMAIN));

        assertThat(List.of(1, 5, 28)).allMatch(standard::allowsType);
        assertThat(List.of(0, 2, 12, 16, 43, 64, 65, 65280)).noneMatch(standard::allowsType);
        assertThat(some.allowsType(16)).isTrue();
        assertThat(some.allowsType(28)).isFalse();
        assertThat(List.of(0, 1, 65, 65280)).allMatch(every::allowsType);
    }
}
