package io.sallyport.sync.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WritersTest {
    @Test
    void tableShowsRatiosAndWhoIsLeftOut() {
        assertThat(Table.of(Sample.DENIED))
                .isEqualTo(
                        """

                        denied: names that are not allowed
                        server                 µs/query of the rounds reflector best peer queries/s   p50 µs   p99 µs   RSS MB   lost
                        sallyport                  5.00     4.75–5.25      1.25      0.80    120000       80      400      120      0
                        reflector                  4.00     4.00–4.10      1.00      0.64    130000       60      110        2      0
                        unbound                    6.25     6.00–7.00      1.56      1.00    110000       90      450       21      3
                        named                  left out: not installed (package bind9)
                        """);
    }

    @Test
    void aLargerSizeIsComparedWithTheSmaller() {
        Result more =
                new Result(
                        "networks-1000",
                        "more",
                        List.of(new Result.Measured("sallyport", 5.5, 5, 6, 1, 1, 1, 1, 0, 0)));

        assertThat(Table.of(more.against(Sample.DENIED)))
                .endsWith("sallyport: 1.10 times denied\n");
        assertThat(Json.of(Map.of(), List.of(more.against(Sample.DENIED))))
                .contains("\"ratio_to_smaller\" : 1.1");
    }

    @Test
    void tableTellsAFlood() {
        assertThat(Table.of(Sample.FAIRNESS))
                .isEqualTo(
                        """

                        fairness: one floods
                        sallyport
                          flood            300000 questions/s offered, 2000/s answered
                          the others       p50 50 µs, p99 100 µs in quiet (turns 90–110), 0 lost
                          flood elsewhere  p50 55 µs, p99 120 µs (1.20 times quiet; turns 100–300), 1 lost
                          under the flood  p50 60 µs, p99 150 µs (1.50 times quiet, 1.25 times elsewhere; turns 130–400), 2 of 5000 lost
                          recovery         50 ms
                          RSS              200 MB before, 202 MB after
                        """);
    }

    @Test
    void tableTellsASoak() {
        assertThat(Table.of(Sample.SOAK))
                .isEqualTo(
                        """

                        soak: half load
                        sallyport
                          load  60.0 minutes at 50000 questions/s: 180000000 asked, 0 lost, 0 wrong
                          RSS   200.0 MB at first, 201.0 MB at last, 202.5 MB at most
                          heap  20.0 MB live at first, 20.5 MB at last (after a full collection)
                        """);
    }

    @Test
    void jsonHasTheKeysThatOthersScriptAgainst() {
        String text = Json.of(Map.of("cpu", "one of them"), List.of(Sample.DENIED));

        JsonNode json = JsonMapper.shared().readTree(text);
        assertThat(json.at("/machine/cpu").asString()).isEqualTo("one of them");
        assertThat(json.at("/workloads/0/name").asString()).isEqualTo("denied");
        assertThat(json.at("/workloads/0/results/0").toString())
                .isEqualTo(
                        """
                        {"server":"sallyport","cpu_us_per_query":5.0,"cpu_us_least":4.75,"cpu_us_most":5.25,\
                        "qps":120000,"p50_us":80,"p99_us":400,"rss_mb":120.0,"ratio_to_reflector":1.25,\
                        "ratio_to_best_peer":0.8,"lost":0,"wrong":0}\
                        """);
        assertThat(json.at("/workloads/0/results/3").toString())
                .isEqualTo(
                        """
                        {"server":"named","left_out":"not installed (package bind9)"}\
                        """);
    }

    @Test
    void jsonHasFloodsAndSoaksToo() {
        String text = Json.of(Map.of(), List.of(Sample.FAIRNESS, Sample.SOAK));

        JsonNode json = JsonMapper.shared().readTree(text);
        assertThat(json.at("/workloads/0/results/0/p99_ratio_to_quiet").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/workloads/0/results/0/lost").asLong()).isEqualTo(2);
        assertThat(json.at("/workloads/1/results/0/rss_mb_most").asDouble()).isEqualTo(202.5);
    }

    @Test
    void chartHasABarWithItsValueForEachServerThatHasANumber() {
        String chart = Chart.of(List.of(Sample.DENIED, Sample.FAIRNESS));

        assertThat(chart)
                .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 148\"")
                .contains("prefers-color-scheme: dark")
                .endsWith(
                        """
                        <text class="title" x="0" y="52">denied</text>
                        <text x="142" y="74" text-anchor="end">sallyport</text>
                        <rect class="ours" x="150" y="60" width="384.0" height="18" rx="2"/>
                        <text x="540.0" y="74">5.00</text>
                        <text x="142" y="98" text-anchor="end">reflector</text>
                        <rect class="floor" x="150" y="84" width="307.2" height="18" rx="2"/>
                        <text x="463.2" y="98">4.00</text>
                        <text x="142" y="122" text-anchor="end">unbound</text>
                        <rect class="peer" x="150" y="108" width="480.0" height="18" rx="2"/>
                        <text x="636.0" y="122">6.25</text>
                        </svg>
                        """);
    }
}
