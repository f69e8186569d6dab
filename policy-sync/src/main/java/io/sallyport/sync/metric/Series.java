package io.sallyport.sync.metric;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a metric and its labels, from {@code name{label="value",…}}.
 *
 * @param scale what a value is multiplied by
 */
record Series(String name, Labels labels, double scale) {
    private static final Pattern FORM = Pattern.compile("([a-z_][a-z0-9_]*)(?:\\{(.*)})?");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\",?");
    private static final double NANO = 1e-9;

    /** Each is there for good, and there are some hundred: closed sets. */
    private static final ConcurrentMap<String, Series> KNOWN = new ConcurrentHashMap<>();

    static Series of(String text) {
        return KNOWN.computeIfAbsent(text, Series::parse);
    }

    private static Series parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not the name of a metric: " + text);
        }
        List<String> labels = new ArrayList<>();
        Matcher label = LABEL.matcher(parts.group(2) == null ? "" : parts.group(2));
        while (label.find()) {
            labels.add(label.group(1));
            labels.add(label.group(2));
        }
        String name = parts.group(1);
        boolean nanos = name.contains("_nanoseconds");
        return new Series(
                name.replace("_nanoseconds", "_seconds"),
                Labels.of(labels.toArray(String[]::new)),
                nanos ? NANO : 1);
    }
}
