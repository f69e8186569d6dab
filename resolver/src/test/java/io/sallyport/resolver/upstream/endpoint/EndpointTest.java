package io.sallyport.resolver.upstream.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people write for an upstream. */
class EndpointTest {
    private static final String PIN = "X91nr2H277q7SrOhkl4cscPk8A30uFNOhPqRTjaAG7I=";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    192.0.2.53                       | 192.0.2.53:53
                    192.0.2.53:5353                  | 192.0.2.53:5353
                    2001:db8::53                     | [2001:db8:0:0:0:0:0:53]:53
                    [2001:db8::53]                   | [2001:db8:0:0:0:0:0:53]:53
                    [2001:db8::53]:5353              | [2001:db8:0:0:0:0:0:53]:5353
                    tls://192.0.2.53#dns.example     | tls://192.0.2.53:853#dns.example
                    tls://192.0.2.53:8853#Dns.Example. | tls://192.0.2.53:8853#dns.example
                    TLS://[2001:db8::53]#dns.example | tls://[2001:db8:0:0:0:0:0:53]:853#dns.example
                    """)
    void readsWhatIsCustomary(String text, String shown) {
        assertThat(Endpoint.parse(text)).hasToString(shown);
    }

    @Test
    void readsPinsAndAuthorities() {
        Endpoint.Tls tls =
                Endpoint.parse("tls://192.0.2.53#dns.example;pin=sha256/" + PIN + ";ca=/a/b.pem")
                        .tls()
                        .orElseThrow();

        assertThat(tls.name()).contains("dns.example");
        assertThat(tls.pins()).isEqualTo(List.of(PIN));
        assertThat(tls.authorities()).contains(Path.of("/a/b.pem"));
    }

    @Test
    void pinAloneIsProofEnough() {
        assertThat(Endpoint.parse("tls://192.0.2.53#;pin=sha256/" + PIN))
                .hasToString("tls://192.0.2.53:853");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    dns.example                            | is not an IP address
                    ''                                     | is not an IP address
                    192.0.2.53:                            | no port after the colon
                    192.0.2.53:dns                         | no port after the colon
                    192.0.2.53:0                           | 1 to 65535
                    192.0.2.53:65536                       | 1 to 65535
                    [192.0.2.53                            | is not an IP address
                    [2001:db8::53]53                       | no port after the colon
                    0.0.0.0                                | needs an IP address
                    ::                                     | needs an IP address
                    224.0.0.251                            | needs an IP address
                    192.0.2.53#dns.example                 | write tls:// in front
                    https://192.0.2.53/dns-query           | "https" is not spoken here
                    udp://192.0.2.53                       | "udp" is not spoken here
                    tls://192.0.2.53                       | needs the server's name
                    tls://192.0.2.53#                      | needs the server's name
                    tls://dns.example                      | is not an IP address
                    tls://192.0.2.53#dns..example          | empty label
                    tls://192.0.2.53#dns example           | no host name has
                    tls://192.0.2.53#"dns"                 | no certificate has
                    tls://192.0.2.53#dns.example;pin=x     | pin=sha256/BASE64
                    tls://192.0.2.53#dns.example;pin=sha256/AAAA | not the Base64 of 32 octets
                    tls://192.0.2.53#dns.example;pin=sha256/~    | not the Base64 of 32 octets
                    tls://192.0.2.53#dns.example;ca=       | once, ca=FILE
                    tls://192.0.2.53#dns.example;ca=a;ca=b | once, ca=FILE
                    tls://192.0.2.53#dns.example;verify=no | "verify=no"
                    tls://192.0.2.53#;ca=/a.pem            | needs the server's name
                    """)
    void refusesWithSentence(String text, String sentence) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void nameMustBeAddressAlready() {
        assertThatThrownBy(
                        () -> Endpoint.plain(InetSocketAddress.createUnresolved("dns.example", 53)))
                .hasMessageContaining("needs an IP address");
    }
}
