package io.sallyport.sync.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.traffic.Traffic.Asked;
import io.sallyport.sync.traffic.Traffic.Name;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrafficTest {
    private static Asked asked(String name, long count, long first, long last) {
        return new Asked(name, count, Instant.ofEpochSecond(first), Instant.ofEpochSecond(last));
    }

    @Test
    void aNameOfManySessionsStandsThereOnce() {
        Traffic traffic =
                Traffic.of(
                        List.of(
                                asked("b.example.com", 2, 50, 60),
                                asked("a.example.com", 1, 10, 10),
                                asked("b.example.com", 3, 5, 55)));
        assertThat(traffic.names())
                .extracting(name -> name.name().toString())
                .containsExactly("b.example.com", "a.example.com");
        Name most = traffic.names().getFirst();
        assertThat(most.count()).isEqualTo(5);
        assertThat(most.first()).isEqualTo(Instant.ofEpochSecond(5));
        assertThat(most.last()).isEqualTo(Instant.ofEpochSecond(60));
    }

    @Test
    void equalCountsAreOrderedByName() {
        assertThat(
                        Traffic.of(
                                        List.of(
                                                asked("b.example.com", 1, 1, 1),
                                                asked("a.example.com", 1, 1, 1)))
                                .names())
                .extracting(name -> name.name().toString())
                .containsExactly("a.example.com", "b.example.com");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*.example.com",
                ".example.com",
                ".",
                "",
                "a\\.b.example.com",
                "A.example.com",
                "a.example.com.",
                "a.example.com:443",
                "a.example.com,b.example.com",
                "10.0.0.1",
                "https://a.example.com",
                "xn--a.example.com",
                "faß.example.com"
            })
    void whatIsNoHostNameIsNeverReadAsAPattern(String name) {
        Traffic traffic = Traffic.of(List.of(asked(name, 1, 1, 1)));
        assertThat(traffic.names()).isEmpty();
        assertThat(traffic.others()).extracting(Asked::name).containsExactly(name);
    }

    @Test
    void refusesARecordThatCannotBe() {
        assertThatThrownBy(() -> asked("a.example.com", 0, 1, 1)).hasMessageContaining("once");
        assertThatThrownBy(() -> asked("a.example.com", 1, 2, 1)).hasMessageContaining("first");
    }
}
