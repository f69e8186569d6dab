package io.sallyport.resolver.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.name.WireName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistrableTest {

    private static String registrable(WireName name) {
        int octets = DomainPattern.registrable(name.octets(), name.length());
        return WireName.ofLowered(name.octets(), name.length() - octets, octets).toString();
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    example.com, example.com
                    www.example.com, example.com
                    a.b.c.d.e.f.g.h.example.com, example.com
                    a.b.example.co.uk, example.co.uk
                    co.uk, co.uk
                    com, com
                    ., .
                    someone.github.io, github.io
                    a._tcp.example.com, example.com
                    a.b.no-such-suffix, b.no-such-suffix
                    """)
    void isWhatSomebodyRegistered(String name, String expected) {
        assertThat(registrable(WireName.parse(name))).isEqualTo(expected);
    }

    @Test
    void everyNameThatCanBeAskedForHasOne() {
        byte[] strange = {1, '.', 2, 0, (byte) 0xff, 1, 'x', 0};

        assertThat(DomainPattern.registrable(strange, strange.length)).isEqualTo(6);
        assertThat(registrable(WireName.parse("a.".repeat(126) + "b"))).isEqualTo("a.b");
    }
}
