package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.control.Control.Rates;
import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import io.sallyport.sync.limit.RateLimit.Rate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often somebody may ask. The periods are so long that no slow machine gets past them. */
final class LimitTest {
    private static final Rate MANY = new Rate(1_000, 1_000, Duration.ofSeconds(1));
    private static final Rate FEW = new Rate(5, 1, Duration.ofHours(1));

    private static final Rates MANY_OF_ALL = new Rates(MANY, MANY, MANY);

    @TempDir private Path directory;

    @Test
    void aTokenHasItsShareAndAnotherItsOwn() throws Exception {
        try (Running server =
                Running.start(directory, new Rates(MANY, FEW, MANY), InstantSource.system())) {
            for (int i = 0; i < 5; i++) {
                assertThat(server.get(Who.ADMIN, "/v1/me").status()).isEqualTo(200);
            }
            Answer over = server.get(Who.ADMIN, "/v1/me");
            assertThat(over.status()).isEqualTo(429);
            assertThat(Long.parseLong(over.header("retry-after"))).isPositive();
            assertThat(server.get(Who.VIEWER, "/v1/me").status()).isEqualTo(200);
            for (int i = 0; i < 20; i++) {
                assertThat(server.get(Who.NODE, "/v1/orgs/acme/policy").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aBodyIsAsLargeAsTheConfigurationSays() throws Exception {
        try (Running server = Running.start(directory, new Control.Sizes(100, 200))) {
            String agent = "/v1/orgs/acme/agents/a";
            String domains = "/v1/orgs/acme/network-access/domains";
            assertThat(server.put(Who.ADMIN, agent, padded(100)).status()).isEqualTo(200);
            Answer refused = server.put(Who.ADMIN, agent, padded(101));
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.json().path("detail").asString()).contains("100 octets");
            assertThat(server.post(Who.ADMIN, domains, padded(200)).status()).isEqualTo(422);
            assertThat(server.post(Who.ADMIN, domains, padded(201)).status()).isEqualTo(413);
        }
    }

    private static String padded(int length) {
        String body = "{\"code-execution\": true}";
        return body + " ".repeat(length - body.length());
    }

    @Test
    void anAddressHasItsShareWhateverItSends() throws Exception {
        try (Running server =
                Running.start(directory, new Rates(FEW, MANY, MANY), InstantSource.system())) {
            assertThat(server.get(Who.ADMIN, "/v1/me").status()).isEqualTo(200);
            assertThat(server.get(Who.NOBODY, "/v1/me").status()).isEqualTo(401);
            assertThat(server.get(Who.NOBODY, "/healthz").status()).isEqualTo(200);
            assertThat(server.get(Who.NOBODY, "/").status()).isEqualTo(200);
            assertThat(server.get(Who.NOBODY, "/nothing").status()).isEqualTo(404);
            assertThat(server.get(Who.ADMIN, "/v1/me").status()).isEqualTo(429);
            assertThat(server.get(Who.NOBODY, "/").status()).as("the console too").isEqualTo(429);
            assertThat(server.get(Who.NOBODY, "/signin").status()).isEqualTo(429);
        }
    }

    /** Each version keeps its lists: the disk is everybody's. */
    @Test
    void changesOfLongListsAreFewAndThoseOfShortOnesAsBefore() throws Exception {
        try (Running server = Running.start(directory, MANY_OF_ALL, InstantSource.system())) {
            String long_ =
                    IntStream.range(0, 700)
                            .mapToObj(i ->
                                    "n"
                                            + i
                                            + "."
                                            + "a".repeat(60)
                                            + "."
                                            + "b".repeat(40)
                                            + ".example")
                            .collect(Collectors.joining(" "));
            String domains = "/v1/orgs/acme/network-access/domains";
            assertThat(server.post(Who.ADMIN, domains, "{\"domains\": \"" + long_ + "\"}").status())
                    .isEqualTo(200);
            Answer last = null;
            for (int i = 0; i < 110; i++) {
                last = server.post(Who.ADMIN, domains, "{\"domains\": \"m" + i + ".example\"}");
            }
            assertThat(Objects.requireNonNull(last).status()).isEqualTo(429);
            assertThat(last.json().path("detail").asString()).contains("one change");
            String beta = "/v1/orgs/beta/network-access/domains";
            assertThat(server.post(Who.OTHER, beta, "{\"domains\": \"a.example\"}").status())
                    .isEqualTo(200);
        }
    }
}
