package io.sallyport.sync.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final String DNSPERF =
            """
            DNS Performance Testing Tool
            Version 2.10.0

            [Status] Testing complete (time limit)

            Statistics:

              Queries sent:         263240
              Queries completed:    263230 (100.00%)
              Queries lost:         10 (0.00%)

              Response codes:       NOERROR 63230 (24.02%), NXDOMAIN 200000 (75.98%)
              Average packet size:  request 30, response 30
              Run time (s):         2.000200
              Queries per second:   131601.839816

              Average Latency (s):  0.000410 (min 0.000015, max 0.032618)
            """;

    private static final String SPREADER =
            """
            sent 1000
            completed 990
            lost 10
            seconds 2.000000
            p50 59
            p99 107
            p999 543
            max 1152
            noerror 495
            servfail 5
            nxdomain 490
            refused 0
            records 490
            interval 0 200 190 1927
            """;

    @Test
    void readsWhatDnsperfPrints() {
        assertThat(Load.ofDnsperf(DNSPERF))
                .isEqualTo(
                        new Load(
                                263_240,
                                263_230,
                                10,
                                2.0002,
                                Map.of("NOERROR", 63_230L, "NXDOMAIN", 200_000L),
                                -1,
                                0,
                                0));
    }

    @Test
    void readsWhatTheSpreaderPrints() {
        Load load = Load.ofSpreader(SPREADER);

        assertThat(load.rate()).isEqualTo(495);
        assertThat(load.p50()).isEqualTo(59);
        assertThat(load.p99()).isEqualTo(107);
        assertThat(load.lost()).isEqualTo(10);
    }

    @Test
    void callsAnAnswerWrongThatAnotherKindOfQuestionDeserves() {
        Load load = Load.ofDnsperf(DNSPERF);

        assertThat(load.wrong(Names.Kind.DENIED)).isEqualTo(63_230);
        assertThat(load.wrong(Names.Kind.CACHED)).isEqualTo(200_000);
        assertThat(load.wrong(Names.Kind.MIXED)).isZero();
    }

    @Test
    void callsNoErrorWithoutRecordsAndServfailWrong() {
        assertThat(Load.ofSpreader(SPREADER).wrong(Names.Kind.LISTED)).isEqualTo(10);
    }

    @Test
    void refusesOutputThatSaysNothing() {
        assertThatThrownBy(() -> Load.ofDnsperf("dnsperf: no such file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no such file");
    }
}
