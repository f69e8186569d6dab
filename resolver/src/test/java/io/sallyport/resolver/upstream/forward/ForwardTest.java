package io.sallyport.resolver.upstream.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people write for a domain with servers of its own. */
class ForwardTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    .corp.example=10.0.0.53             | .corp.example | 10.0.0.53:53
                    *.Corp.Example = 10.0.0.53 , 10.0.1.53:54 | *.corp.example | 10.0.0.53:53 10.0.1.53:54
                    db.corp.example=[fd00::53]:53       | db.corp.example | [fd00:0:0:0:0:0:0:53]:53
                    .internal=10.0.0.53                 | .internal | 10.0.0.53:53
                    .10.in-addr.arpa=10.0.0.53          | .10.in-addr.arpa | 10.0.0.53:53
                    .x.test=tls://10.0.0.53#a.test;pin=sha256/X91nr2H277q7SrOhkl4cscPk8A30uFNOhPqRTjaAG7I=,10.0.0.54 | .x.test | tls://10.0.0.53:853#a.test 10.0.0.54:53
                    """)
    void readsPatternAndServers(String text, String pattern, String servers) {
        Forward forward = Forward.parse(text);

        assertThat(forward.pattern()).hasToString(pattern);
        assertThat(
                        forward.servers().stream()
                                .map(Object::toString)
                                .collect(Collectors.joining(" ")))
                .isEqualTo(servers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    .corp.example             | should be a domain and its servers
                    .corp.example=            | should be a domain and its servers
                    =10.0.0.53                | should be a domain and its servers
                    .corp.example=ns.example  | is not an IP address
                    .corp.example=10.0.0.53,  | is not an IP address
                    a.*.example=10.0.0.53     | should be a domain, as in
                    *=10.0.0.53               | should be a domain, as in
                    .=10.0.0.53               | should be a domain, as in
                    corp..example=10.0.0.53   | empty label
                    """)
    void refusesWithSentence(String text, String sentence) {
        assertThatThrownBy(() -> Forward.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }
}
