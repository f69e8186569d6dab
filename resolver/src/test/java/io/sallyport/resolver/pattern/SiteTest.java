package io.sallyport.resolver.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.name.WireName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteTest {
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    example.com, example.com
                    a.b.example.com, example.com
                    a.b.c.d.e.f.g.h.example.com, example.com
                    a.example.co.uk, example.co.uk
                    me.github.io, me.github.io
                    www.me.github.io, me.github.io
                    a.b.c.d.e.f.me.github.io, me.github.io
                    bucket.s3.amazonaws.com, bucket.s3.amazonaws.com
                    a.bucket.s3.amazonaws.com, bucket.s3.amazonaws.com
                    ec2.amazonaws.com, amazonaws.com
                    a._tcp.example.com, example.com
                    a.b.no-such-suffix, b.no-such-suffix
                    com, -
                    co.uk, -
                    github.io, -
                    printer, -
                    ., -
                    """)
    void isTheDomainOfWhoeverAnswersForAName(String name, String site) {
        assertThat(DomainPattern.site(WireName.parse(name)).map(WireName::toString).orElse("-"))
                .isEqualTo(site);
    }

    @ParameterizedTest
    @CsvSource({
        "github.io, true",
        "s3.amazonaws.com, true",
        "me.github.io, false",
        "co.uk, false",
        "com, false",
        "example.com, false",
        "printer, false",
        "., false"
    })
    void knowsSuffixesThatCompaniesShare(String name, boolean shared) {
        assertThat(DomainPattern.isSharedSuffix(WireName.parse(name))).isEqualTo(shared);
    }
}
