package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.resolver.upstream.stream.Streams;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which servers a name is asked of. */
class RoutesTest {
    private static final Routes ROUTES =
            routes(
                    ".corp.example=10.0.0.1",
                    "*.dev.corp.example=10.0.0.2",
                    "www.corp.example=10.0.0.3",
                    ".internal=10.0.0.4");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    corp.example          | 10.0.0.1:53
                    a.corp.example        | 10.0.0.1:53
                    a.b.corp.example      | 10.0.0.1:53
                    dev.corp.example      | 10.0.0.1:53
                    a.dev.corp.example    | 10.0.0.2:53
                    a.b.dev.corp.example  | 10.0.0.2:53
                    www.corp.example      | 10.0.0.3:53
                    a.www.corp.example    | 10.0.0.1:53
                    internal              | 10.0.0.4:53
                    a.internal            | 10.0.0.4:53
                    example               | 192.0.2.53:53
                    xcorp.example         | 192.0.2.53:53
                    corp.example.com      | 192.0.2.53:53
                    .                     | 192.0.2.53:53
                    """)
    void mostSpecificPatternWins(String name, String server) {
        assertThat(ROUTES.of(WireName.parse(name)).server(0)).hasToString(server);
    }

    /** One label of the four octets "corp" and "example" with a dot between is another name. */
    @Test
    void dotInsideLabelIsNoBoundary() {
        byte[] label = "xcorp.example".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] octets = new byte[label.length + 2];
        octets[0] = (byte) label.length;
        System.arraycopy(label, 0, octets, 1, label.length);

        assertThat(ROUTES.of(WireName.ofLowered(octets, 0, octets.length)).label()).isEqualTo(".");
    }

    @Test
    void domainHasOneSetOfServers() {
        assertThatThrownBy(() -> routes(".a.test=10.0.0.1", "*.a.test=10.0.0.2"))
                .hasMessageContaining("forwarded twice");
    }

    private static Routes routes(String... forwards) {
        return new Routes(
                List.of(Endpoint.parse("192.0.2.53")),
                Arrays.stream(forwards).map(Forward::parse).toList(),
                new Streams.Counts());
    }
}
