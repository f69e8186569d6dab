package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Result.Flooded;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Measured;
import io.sallyport.sync.bench.Result.Row;
import io.sallyport.sync.bench.Result.Soaked;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All results as JSON. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Json() {}

    static String of(Map<String, String> machine, List<Result> results) {
        ObjectNode whole = MAPPER.createObjectNode();
        machine.forEach(whole.putObject("machine")::put);
        ArrayNode workloads = whole.putArray("workloads");
        for (Result result : results) {
            ObjectNode workload = workloads.addObject();
            workload.put("name", result.name()).put("about", result.about());
            ArrayNode rows = workload.putArray("results");
            result.rows().forEach(row -> fill(rows.addObject(), result, row));
        }
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(whole) + "\n";
    }

    private static void fill(ObjectNode node, Result result, Row row) {
        node.put("server", row.server());
        switch (row) {
            case Measured one -> measured(node, result, one);
            case LeftOut out -> node.put("left_out", out.reason());
            case Flooded one -> flooded(node, one);
            case Soaked one -> soaked(node, one);
        }
    }

    private static void measured(ObjectNode node, Result result, Measured row) {
        put(node, "cpu_us_per_query", row.cpuMicros(), 3);
        put(node, "cpu_us_least", row.cpuLeast(), 3);
        put(node, "cpu_us_most", row.cpuMost(), 3);
        put(node, "qps", row.qps(), 0);
        put(node, "p50_us", row.p50Micros(), 0);
        put(node, "p99_us", row.p99Micros(), 0);
        put(node, "rss_mb", row.residentMb(), 1);
        ratio(node, "ratio_to_reflector", row.cpuMicros(), result.reflector());
        ratio(node, "ratio_to_best_peer", row.cpuMicros(), result.bestPeer());
        result.growth(row).ifPresent(times -> put(node, "ratio_to_smaller", times, 3));
        node.put("lost", row.lost()).put("wrong", row.wrong());
    }

    private static void flooded(ObjectNode node, Flooded row) {
        put(node, "offered_qps", row.offeredQps(), 0);
        put(node, "qps", row.servedQps(), 0);
        put(node, "quiet_p50_us", row.quiet().p50Micros(), 0);
        put(node, "quiet_p99_us", row.quiet().p99Micros(), 0);
        put(node, "quiet_p99_us_least", row.quiet().p99Least(), 0);
        put(node, "quiet_p99_us_most", row.quiet().p99Most(), 0);
        put(node, "elsewhere_p50_us", row.elsewhere().p50Micros(), 0);
        put(node, "elsewhere_p99_us", row.elsewhere().p99Micros(), 0);
        put(node, "elsewhere_p99_us_least", row.elsewhere().p99Least(), 0);
        put(node, "elsewhere_p99_us_most", row.elsewhere().p99Most(), 0);
        put(node, "p50_us", row.flooded().p50Micros(), 0);
        put(node, "p99_us", row.flooded().p99Micros(), 0);
        put(node, "p99_us_least", row.flooded().p99Least(), 0);
        put(node, "p99_us_most", row.flooded().p99Most(), 0);
        put(node, "p99_ratio_to_quiet", row.flooded().times(row.quiet()), 2);
        put(node, "p99_ratio_to_elsewhere", row.flooded().times(row.elsewhere()), 2);
        node.put("asked", row.flooded().asked()).put("quiet_lost", row.quiet().lost());
        node.put("lost", row.flooded().lost());
        put(node, "recovery_ms", row.recoveryMillis(), 0);
        put(node, "rss_mb_before", row.residentMbBefore(), 1);
        put(node, "rss_mb", row.residentMbAfter(), 1);
    }

    private static void soaked(ObjectNode node, Soaked row) {
        put(node, "minutes", row.minutes(), 1);
        put(node, "qps", row.qps(), 0);
        node.put("asked", row.asked()).put("lost", row.lost()).put("wrong", row.wrong());
        put(node, "rss_mb_first", row.residentMbFirst(), 1);
        put(node, "rss_mb", row.residentMbLast(), 1);
        put(node, "rss_mb_most", row.residentMbMost(), 1);
        put(node, "heap_mb_first", row.heapMbFirst(), 1);
        put(node, "heap_mb", row.heapMbLast(), 1);
    }

    private static void ratio(ObjectNode node, String key, double value, OptionalDouble to) {
        if (to.isPresent()) {
            put(node, key, value / to.getAsDouble(), 3);
        }
    }

    private static void put(ObjectNode node, String key, double value, int places) {
        double scale = Math.pow(10, places);
        double rounded = Math.round(value * scale) / scale;
        if (places == 0) {
            node.put(key, (long) rounded);
        } else {
            node.put(key, rounded);
        }
    }
}
