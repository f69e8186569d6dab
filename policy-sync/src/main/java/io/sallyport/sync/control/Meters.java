package io.sallyport.sync.control;

import io.micrometer.core.instrument.Timer;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.metric.Metrics;
import io.sallyport.sync.store.Database;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What the control server counts. Routes are templates of paths, never paths. */
final class Meters implements Metrics.Source, Database.Observer {
    /** Pages, and paths that are nobody's. */
    private enum Other {
        CONSOLE("/console/"),
        SIGN_IN("/signin"),
        NOWHERE("other");

        private final String route;

        Other(String route) {
            this.route = route;
        }
    }

    private static final List<String> CLASSES = List.of("2xx", "3xx", "4xx", "5xx");
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final int BAD = 400;
    private static final int FAILED = 500;

    private final Metrics metrics = new Metrics("control");
    private final SortedMap<String, LongAdder> counts = new TreeMap<>();
    private final SortedMap<String, Timer> requests = new TreeMap<>();
    private final Map<Database.Action, Timer> store = new TreeMap<>();
    private final Census census;

    Meters(Database database, Census census) {
        this.census = census;
        for (Endpoint endpoint : Endpoint.values()) {
            register(endpoint.method(), endpoint.path());
        }
        for (Other other : Other.values()) {
            register("any", other.route);
        }
        for (String result : List.of("ok", "not_modified", "refused", "failed")) {
            counts.put(pulls(result), new LongAdder());
            counts.put(reports(result), new LongAdder());
        }
        for (Database.Action action : Database.Action.values()) {
            counts.put(failures(action), new LongAdder());
            store.put(
                    action,
                    metrics.timer(
                            "sallyport.control.store.duration",
                            "How long the store took, by what was asked of it.",
                            "action",
                            name(action)));
        }
        metrics.add(this);
        database.observe(this);
    }

    Metrics metrics() {
        return metrics;
    }

    private void register(String method, String route) {
        requests.put(
                method + " " + route,
                metrics.timer(
                        "sallyport.control.http.request.duration",
                        "From a request's first line to its answer, by the template of its path.",
                        "method",
                        method,
                        "route",
                        route));
        CLASSES.forEach(status -> counts.put(answers(method, route, status), new LongAdder()));
    }

    /** Notes an answer. */
    void served(String method, String path, int status, long nanos) {
        String asked = "any";
        String route = other(path).route;
        try {
            Endpoint endpoint = Target.of(method, path).endpoint();
            asked = endpoint.method();
            route = endpoint.path();
            if (endpoint == Endpoint.POLICY) {
                count(pulls(result(status)));
            } else if (endpoint == Endpoint.REPORT) {
                count(reports(result(status)));
            }
        } catch (Problem nowhere) {
            // One of the others.
        }
        Timer timer = requests.get(asked + " " + route);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
        count(answers(asked, route, status / 100 + "xx"));
    }

    private static Other other(String path) {
        if (path.equals("/") || path.startsWith(Other.CONSOLE.route)) {
            return Other.CONSOLE;
        }
        return path.startsWith(Other.SIGN_IN.route) || path.startsWith("/signout")
                ? Other.SIGN_IN
                : Other.NOWHERE;
    }

    private void count(String series) {
        LongAdder count = counts.get(series);
        if (count != null) {
            count.increment();
        }
    }

    @Override
    public void took(Database.Action action, boolean done, long nanos) {
        Timer timer = store.get(action);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
        if (!done) {
            count(failures(action));
        }
    }

    @Override
    public Map<String, Long> values() {
        SortedMap<String, Long> values = new TreeMap<>(census.now());
        counts.forEach((series, count) -> values.put(series, count.sum()));
        return Collections.unmodifiableSortedMap(values);
    }

    private static String result(int status) {
        if (status == NOT_MODIFIED) {
            return "not_modified";
        }
        return status < OK || status >= FAILED ? "failed" : status >= BAD ? "refused" : "ok";
    }

    private static String answers(String method, String route, String status) {
        return "sallyport_control_http_requests_total{method=\""
                + method
                + "\",route=\""
                + route
                + "\",status=\""
                + status
                + "\"}";
    }

    private static String pulls(String result) {
        return "sallyport_control_policy_pulls_total{result=\"" + result + "\"}";
    }

    private static String reports(String result) {
        return "sallyport_control_reports_total{result=\"" + result + "\"}";
    }

    private static String failures(Database.Action action) {
        return "sallyport_control_store_failures_total{action=\"" + name(action) + "\"}";
    }

    private static String name(Database.Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }
}
