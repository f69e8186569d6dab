package io.sallyport.sync.metric;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;

/** Which program this is. */
final class Build {
    private static final String NAME = "sallyport_build";

    private Build() {}

    static Collector of(String component) {
        String version = Build.class.getPackage().getImplementationVersion();
        InfoSnapshot info =
                InfoSnapshot.builder()
                        .name(NAME)
                        .help(Meanings.of(NAME + "_info"))
                        .dataPoint(
                                InfoDataPointSnapshot.builder()
                                        .labels(
                                                Labels.of(
                                                        "component",
                                                        component,
                                                        "version",
                                                        version == null ? "unknown" : version,
                                                        "java",
                                                        Runtime.version().toString()))
                                        .build())
                        .build();
        return () -> info;
    }
}
