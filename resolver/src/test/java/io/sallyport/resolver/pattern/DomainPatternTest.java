package io.sallyport.resolver.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainPatternTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # typed                       | canonical                     | scope
                    api.example.com               | api.example.com               | EXACT
                    *.example.com                 | *.example.com                 | BELOW
                    .example.com                  | .example.com                  | AT_OR_BELOW
                    API.Example.COM               | api.example.com               | EXACT
                    api.example.com.              | api.example.com               | EXACT
                    *.Example.com.                | *.example.com                 | BELOW
                    '  api.example.com\t'         | api.example.com               | EXACT
                    db.example.com:5432           | db.example.com:5432           | EXACT
                    .example.com.:22              | .example.com:22               | AT_OR_BELOW
                    db.example.com:05432          | db.example.com:5432           | EXACT
                    faß.de                        | xn--fa-hia.de                 | EXACT
                    FAẞ.de                        | xn--fa-hia.de                 | EXACT
                    *.bücher.example              | *.xn--bcher-kva.example       | BELOW
                    .ＥＸＡＭＰＬＥ．com            | .example.com                  | AT_OR_BELOW
                    例え。テスト                    | xn--r8jz45g.xn--zckzah        | EXACT
                    xn--fa-hia.de                 | xn--fa-hia.de                 | EXACT
                    XN--FA-HIA.de                 | xn--fa-hia.de                 | EXACT
                    _dmarc.example.com            | _dmarc.example.com            | EXACT
                    _dmarc.faß.de                 | _dmarc.xn--fa-hia.de          | EXACT
                    a_b.example.com               | a_b.example.com               | EXACT
                    localhost                     | localhost                     | EXACT
                    *.internal                    | *.internal                    | BELOW
                    .corp                         | .corp                         | AT_OR_BELOW
                    1.2.example.com               | 1.2.example.com               | EXACT
                    3com.com                      | 3com.com                      | EXACT
                    *.github.io                   | *.github.io                   | BELOW
                    co.uk                         | co.uk                         | EXACT
                    .www.ck                       | .www.ck                       | AT_OR_BELOW
                    """)
    void cleansWhatPeopleType(String typed, String canonical, Scope scope) {
        DomainPattern pattern = DomainPattern.parse(typed);

        assertThat(pattern).hasToString(canonical);
        assertThat(pattern.scope()).isEqualTo(scope);
        assertThat(DomainPattern.parse(pattern.toString())).isEqualTo(pattern);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # typed                                    | the sentence says
                    https://api.example.com/v1?x=1             | write api.example.com
                    https://user:secret@Api.Example.com:8443/  | write api.example.com
                    http://example.com                         | is a URL
                    example.com/path                           | has a path; a pattern names hosts only: write example.com
                    ssh://git@github.com/o/r.git               | write github.com
                    git@github.com:o                           | write the host only: github.com
                    someone@example.com                        | write the host only: example.com
                    10.0.0.1                                   | is an IP address
                    10.0.0.1:443                               | is an IP address
                    10.0.0.0/8                                 | has a path; a pattern names hosts only: write 10.0.0.0
                    2130706433                                 | is an IP address
                    0x7f.1                                     | is an IP address
                    １２７.0.0.1                                | is an IP address
                    ::1                                        | IPv6 address
                    [2001:db8::1]:443                          | IPv6 address
                    2001:db8::1                                | IPv6 address
                    example.com:                               | has no port
                    example.com:0                              | has no port
                    example.com:65536                          | has no port
                    example.com:99999999999                    | has no port
                    example.com:+80                            | has no port
                    example.com:https                          | has no port
                    *                                          | choose the level "all"
                    *.                                         | choose the level "all"
                    .                                          | choose the level "all"
                    **                                         | choose the level "all"
                    *:443                                      | choose the level "all"
                    api.*.example.com                          | only the whole first label
                    a*.example.com                             | only the whole first label
                    *example.com                               | only the whole first label
                    **.example.com                             | only the whole first label
                    .*.example.com                             | only the whole first label
                    *.*.example.com                            | only the whole first label
                    *.com                                      | public suffix
                    .co.uk                                     | public suffix
                    *.CO.UK.                                   | public suffix
                    .xn--p1ai                                  | public suffix
                    .рф                                        | public suffix
                    *.foo.ck                                   | public suffix
                    a..example.com                             | empty label
                    ..example.com                              | empty label
                    example.com..                              | empty label
                    a。。example.com                            | empty label
                    a b.example.com                            | character
                    exa$mple.com                               | character
                    a\\b.example.com                           | character
                    -a.example.com                             | hyphen
                    a-.example.com                             | hyphen
                    xn--a.example.com                          | no valid international name
                    xn--fa-hib-.de                             | international name
                    a\u0000b.example.com                       | character
                    ''                                         | is empty
                    """)
    void refusesWithASentence(String typed, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DomainPattern.parse(typed))
                .withMessageContaining(sentence);
    }

    @Test
    void refusesLabelOf64AndNameOf254Characters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DomainPattern.parse("a".repeat(64) + ".example"))
                .withMessageContaining("at most 63");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DomainPattern.parse("a.".repeat(124) + "toolong"))
                .withMessageContaining("longer than 253");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DomainPattern.parse("ü".repeat(5000)))
                .withMessageContaining("too long");
        assertThat(DomainPattern.parse("a".repeat(63) + ".example").name().octet(0))
                .isEqualTo((byte) 63);
    }

    @Test
    void sentencesAreHarmlessWhereverTheyArePrinted() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DomainPattern.parse("\u001b[31m<script>\u202e\".example"))
                .satisfies(e ->
                        assertThat(e.getMessage()).doesNotContain("\u001b", "<script>", "\u202e"));
    }

    @Test
    void readsListsInOrderWithoutRepetitions() {
        assertThat(
                        DomainPattern.parseList(
                                " b.example, a.example\n*.c.example\t,,\r\n B.example.  a.example:443 "))
                .extracting(DomainPattern::toString)
                .containsExactly("b.example", "a.example", "*.c.example", "a.example:443");
        assertThat(DomainPattern.parseList(" ,\n ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*.github.io", ".github.io", ".blogspot.com", "co.uk", "com"})
    void warnsOfPatternsThatReachStrangersOrNobody(String typed) {
        assertThat(DomainPattern.parse(typed).warning()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "github.io",
                "me.github.io",
                "*.me.github.io",
                ".example.com",
                "a.b.c.d.e.f.g.example.com"
            })
    void doesNotWarnOfOnesOwnNames(String typed) {
        assertThat(DomainPattern.parse(typed).warning()).isEmpty();
    }

    @Test
    void portIsTcpByDefault() {
        assertThat(DomainPattern.parse("db.example.com:5432").ports())
                .containsExactly(6 << 16 | 5432);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new DomainPattern(Scope.EXACT, WireName.parse("a.example"), List.of(443)));
    }
}
