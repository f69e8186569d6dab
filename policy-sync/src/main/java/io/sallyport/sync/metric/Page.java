package io.sallyport.sync.metric;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a source has, as the registry takes it. */
final class Page implements MultiCollector {
    private static final String TOTAL = "_total";

    private record Value(Series series, double number) {}

    private record Times(Series series, Metrics.Histogram histogram) {}

    private final Metrics.Source source;

    Page(Metrics.Source source) {
        this.source = source;
    }

    @Override
    public MetricSnapshots collect() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        Map<String, List<Value>> values = new TreeMap<>();
        source.values()
                .forEach((text, number) -> {
                    Series series = Series.of(text);
                    values.computeIfAbsent(series.name(), _ -> new ArrayList<>())
                            .add(new Value(series, number.doubleValue() * series.scale()));
                });
        values.forEach((name, each) ->
                all.metricSnapshot(name.endsWith(TOTAL) ? counter(name, each) : gauge(name, each)));
        Map<String, List<Times>> times = new TreeMap<>();
        for (Metrics.Histogram histogram : source.histograms()) {
            Series series = Series.of(histogram.series());
            times.computeIfAbsent(series.name(), _ -> new ArrayList<>())
                    .add(new Times(series, histogram));
        }
        times.forEach((name, each) -> all.metricSnapshot(histogram(name, each)));
        return all.build();
    }

    private static MetricSnapshot counter(String name, List<Value> values) {
        CounterSnapshot.Builder counter =
                CounterSnapshot.builder()
                        .name(name.substring(0, name.length() - TOTAL.length()))
                        .help(Meanings.of(name));
        values.forEach(each ->
                counter.dataPoint(
                        CounterDataPointSnapshot.builder()
                                .labels(each.series().labels())
                                .value(each.number())
                                .build()));
        return counter.build();
    }

    private static MetricSnapshot gauge(String name, List<Value> values) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(Meanings.of(name));
        values.forEach(each ->
                gauge.dataPoint(
                        GaugeDataPointSnapshot.builder()
                                .labels(each.series().labels())
                                .value(each.number())
                                .build()));
        return gauge.build();
    }

    private static MetricSnapshot histogram(String name, List<Times> times) {
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(name).help(Meanings.of(name));
        times.forEach(each -> {
            List<Double> bounds = new ArrayList<>(each.histogram().bounds());
            bounds.add(Double.POSITIVE_INFINITY);
            histogram.dataPoint(
                    HistogramDataPointSnapshot.builder()
                            .labels(each.series().labels())
                            .classicHistogramBuckets(
                                    ClassicHistogramBuckets.of(bounds, each.histogram().counts()))
                            .sum(each.histogram().sumSeconds())
                            .build());
        });
        return histogram.build();
    }
}
