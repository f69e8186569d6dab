package io.sallyport.sync.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.Verdict;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.report.Reports.Orders;
import io.sallyport.sync.report.Reports.Report;
import io.sallyport.sync.session.Sessions.Decided;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits to be told, how it is told, and what is read from the answer. */
class LedgerTest {
    private final Ledger ledger = new Ledger();

    private static Decided decided(String name, long count, long first, long last) {
        return new Decided(
                "acme",
                "s-1",
                new Decision(Verdict.DENIED, name, Reason.NOT_ALLOWED, count, first, last));
    }

    @Test
    void rowsOfOneNameBecomeOne() {
        ledger.add(List.of(decided("a.example", 2, 10, 20), decided("b.example", 1, 15, 15)));
        ledger.add(List.of(decided("a.example", 3, 5, 30)));

        assertThat(ledger.take(10))
                .containsExactly(decided("a.example", 5, 5, 30), decided("b.example", 1, 15, 15));
        assertThat(ledger.take(10)).isEmpty();
    }

    @Test
    void whatFindsNoRoomIsCountedAndWhatWasNotTakenComesAgain() {
        ledger.add(
                IntStream.range(0, Ledger.MOST + 5)
                        .mapToObj(i -> decided("n" + i + ".example", 2, 1, 1))
                        .toList());
        List<Decided> batch = ledger.take(Reports.MOST_DECISIONS);

        assertThat(ledger.lost()).isEqualTo(10);
        assertThat(batch).hasSize(Reports.MOST_DECISIONS);
        ledger.add(batch);
        Set<Decided> left = Set.copyOf(ledger.take(Ledger.MOST));
        assertThat(left).hasSize(Ledger.MOST);
        assertThat(left.containsAll(batch)).isTrue();
    }

    @Test
    void reportIsSpelledLikeThis() {
        String json =
                ReportV1.json(new Report(List.of(), List.of(decided("a.example", 2, 0, 60)), 4));

        assertThat(json)
                .isEqualTo(
                        "{\"decisions\":[{\"count\":2,\"first\":\"1970-01-01T00:00:00Z\","
                                + "\"last\":\"1970-01-01T00:01:00Z\",\"name\":\"a.example\","
                                + "\"org\":\"acme\",\"reason\":\"not-allowed\",\"session\":\"s-1\","
                                + "\"verdict\":\"denied\"}],\"emergency-version\":4,\"sessions\":[]}");
    }

    @Test
    void rowOfAClockThatSteppedBackIsPutInOrder() {
        ledger.add(List.of(decided("a.example", 1, 30, 20)));
        assertThat(ledger.take(1)).containsExactly(decided("a.example", 1, 20, 30));
    }

    @Test
    void whatIsNotUnderstoodIsCountedAndNotTold() {
        ledger.add(List.of(decided("a.example", 3, 1, 2)));
        ledger.lose(ledger.take(1));
        assertThat(ledger.lost()).isEqualTo(3);
        assertThat(ledger.take(1)).isEmpty();
    }

    @Test
    void ordersAreReadAndUnknownOnesPassedOver() {
        Orders orders =
                ReportV1.orders(
                        """
                        {"end":["s-1"],"later":{"x":[]},"emergency":{"version":3,"denied":[
                          {"pattern":".bad.example","org":null,"why":"x"},
                          {"pattern":"b.example","org":"acme"}]}}
                        """);
        Emergencies list = orders.emergency().orElseThrow();

        assertThat(orders.end()).containsExactly("s-1");
        assertThat(list.of("acme"))
                .extracting(entry -> entry.pattern().toString())
                .containsExactly(".bad.example", "b.example");
        assertThat(list.of("other")).hasSize(1);
        assertThat(list.problems()).isEmpty();
        assertThat(ReportV1.orders("{}").emergency()).isEmpty();
        assertThat(ReportV1.orders("{\"emergency\":null}").emergency()).isEmpty();
    }

    @Test
    void moreEndsThanAHostHasSessionsAreTakenInTurn() {
        String many =
                IntStream.range(0, Orders.MOST_ENDS + 9)
                        .mapToObj(i -> "\"s-" + i + "\"")
                        .collect(Collectors.joining(","));
        assertThat(ReportV1.orders("{\"end\":[" + many + "]}").end()).hasSize(Orders.MOST_ENDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"end\":{}}",
                "{\"end\":[1]}",
                "{\"emergency\":{}}",
                "{\"emergency\":{\"version\":-1,\"denied\":[]}}",
                "{\"emergency\":{\"version\":1,\"denied\":\"x\"}}"
            })
    void ordersThatCannotBeReadAreNone(String json) {
        assertThatThrownBy(() -> ReportV1.orders(json))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
