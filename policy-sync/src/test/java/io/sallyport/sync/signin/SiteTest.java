package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.signin.SignIn.Refused;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    -                             | false | 127.0.0.1   | plain
                    -                             | false | ::1         | plain
                    -                             | false | 192.0.2.1   | refused
                    -                             | false | 10.0.0.1    | refused
                    -                             | false | 2001:db8::1 | refused
                    -                             | true  | 192.0.2.1   | tls
                    -                             | true  | 127.0.0.1   | tls
                    https://sallyport.example.com | false | 192.0.2.1   | tls
                    https://sallyport.example.com | false | 127.0.0.1   | tls
                    http://127.0.0.1:7053         | false | 127.0.0.1   | plain
                    """)
    void aCookieGoesOnlyWhereNobodyCanReadIt(
            String publicUrl, boolean listenerHasTls, String remote, String expected)
            throws Exception {
        Site site = new Site(Optional.ofNullable(publicUrl).map(URI::create));
        InetSocketAddress from = new InetSocketAddress(InetAddress.ofLiteral(remote), 40_000);
        if (expected.equals("refused")) {
            assertThatThrownBy(() -> site.tls(listenerHasTls, from))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("sign-in.public-url");
        } else {
            assertThat(site.tls(listenerHasTls, from)).isEqualTo(expected.equals("tls"));
        }
    }
}
