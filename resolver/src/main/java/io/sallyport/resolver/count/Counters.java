package io.sallyport.resolver.count;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counters since the start; every one is there from the first moment, at 0. */
public final class Counters {

    /** What is counted, with the name and labels it is exported under. */
    public enum Count {
        QUERIES_UDP("sallyport_queries_total{proto=\"udp\"}"),
        QUERIES_TCP("sallyport_queries_total{proto=\"tcp\"}"),
        NOERROR("sallyport_responses_total{rcode=\"noerror\"}"),
        FORMERR("sallyport_responses_total{rcode=\"formerr\"}"),
        SERVFAIL("sallyport_responses_total{rcode=\"servfail\"}"),
        NXDOMAIN("sallyport_responses_total{rcode=\"nxdomain\"}"),
        NOTIMP("sallyport_responses_total{rcode=\"notimp\"}"),
        REFUSED("sallyport_responses_total{rcode=\"refused\"}"),
        OTHER_RCODE("sallyport_responses_total{rcode=\"other\"}"),
        TRUNCATED("sallyport_responses_truncated_total"),
        ALLOWED("sallyport_decisions_total{decision=\"allow\",reason=\"rule\"}"),
        DENIED_NO_RULE("sallyport_decisions_total{decision=\"deny\",reason=\"no_rule\"}"),
        DENIED_RULE("sallyport_decisions_total{decision=\"deny\",reason=\"rule\"}"),
        DENIED_EMERGENCY("sallyport_decisions_total{decision=\"deny\",reason=\"emergency\"}"),
        DENIED_PUBLIC_RESOLVER(
                "sallyport_decisions_total{decision=\"deny\",reason=\"public_resolver\"}"),
        DENIED_INTERNET_OFF("sallyport_decisions_total{decision=\"deny\",reason=\"internet_off\"}"),
        DENIED_PENDING("sallyport_decisions_total{decision=\"deny\",reason=\"no_snapshot\"}"),
        DENIED_STRANGER("sallyport_decisions_total{decision=\"deny\",reason=\"unknown_client\"}"),
        FILTERED_TYPE("sallyport_decisions_total{decision=\"deny\",reason=\"type\"}"),
        SPECIAL_USE("sallyport_special_use_answers_total"),
        PINNED("sallyport_pins_total{result=\"ok\"}"),
        PIN_FAILED("sallyport_pins_total{result=\"failed\"}"),
        PIN_SLOW("sallyport_pins_total{result=\"slow\"}"),
        WITHOUT_PIN("sallyport_answers_without_pin_total"),
        TOO_MANY_IN_FLIGHT("sallyport_queries_shed_total"),
        DROPPED_SILENT("sallyport_dropped_total{reason=\"not_a_query\"}"),
        DROPPED_FAULT("sallyport_dropped_total{reason=\"fault\"}"),
        TCP_OPENED("sallyport_tcp_connections_total{result=\"accepted\"}"),
        TCP_REFUSED("sallyport_tcp_connections_total{result=\"over_limit\"}"),
        TCP_CUT("sallyport_tcp_connections_total{result=\"cut\"}");

        private final String series;

        Count(String series) {
            this.series = series;
        }
    }

    private static final Count[] BY_RCODE = {
        Count.NOERROR, Count.FORMERR, Count.SERVFAIL, Count.NXDOMAIN, Count.NOTIMP, Count.REFUSED
    };

    private final EnumMap<Count, LongAdder> adders = new EnumMap<>(Count.class);

    public Counters() {
        for (Count count : Count.values()) {
            adders.put(count, new LongAdder());
        }
    }

    public void add(Count count) {
        adder(count).increment();
    }

    /** The extended rcode of a query whose EDNS version is not spoken here (RFC 6891 §9). */
    public static final int BADVERS = 16;

    /** Counts a response by its extended rcode. */
    public void responded(int rcode) {
        add(rcode < BY_RCODE.length ? BY_RCODE[rcode] : Count.OTHER_RCODE);
    }

    public long value(Count count) {
        return adder(count).sum();
    }

    /** All of them by exported name, sorted. */
    public Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        for (Count count : Count.values()) {
            values.put(count.series, value(count));
        }
        return values;
    }

    private LongAdder adder(Count count) {
        return Objects.requireNonNull(adders.get(count), "every counter is there from the start");
    }
}
