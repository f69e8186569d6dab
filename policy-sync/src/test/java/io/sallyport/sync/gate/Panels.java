package io.sallyport.sync.gate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A dashboard's panels as Grafana would ask for them. */
final class Panels {

    /** One query of a panel. */
    record Target(String expression, String legend, boolean instant) {}

    /**
     * A panel in its place on a grid of 24 columns.
     *
     * @param thresholds from where on a value is not well
     */
    record Panel(
            String kind,
            String title,
            String unit,
            int x,
            int y,
            int width,
            int height,
            List<Double> thresholds,
            List<Target> targets) {}

    private static final Map<String, String> VARIABLES =
            Map.of("\"$node\"", "\".*\"", "$__rate_interval", "5s");

    private Panels() {}

    static JsonNode document(Path file) {
        try {
            return new JsonMapper().readTree(Files.readString(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static List<Panel> of(JsonNode dashboard) {
        List<Panel> panels = new ArrayList<>();
        dashboard.path("panels").forEach(panel -> panels.add(panel(panel)));
        return panels;
    }

    private static Panel panel(JsonNode panel) {
        JsonNode place = panel.path("gridPos");
        JsonNode defaults = panel.path("fieldConfig").path("defaults");
        List<Double> thresholds = new ArrayList<>();
        defaults.path("thresholds")
                .path("steps")
                .forEach(step -> {
                    if (step.path("value").isNumber()
                            && !step.path("color").asString().equals("green")) {
                        thresholds.add(step.path("value").asDouble());
                    }
                });
        List<Target> targets = new ArrayList<>();
        panel.path("targets")
                .forEach(target ->
                        targets.add(
                                new Target(
                                        filled(target.path("expr").asString()),
                                        target.path("legendFormat").asString(),
                                        target.path("instant").asBoolean())));
        return new Panel(
                panel.path("type").asString(),
                panel.path("title").asString(),
                defaults.path("unit").asString(""),
                place.path("x").asInt(),
                place.path("y").asInt(),
                place.path("w").asInt(),
                place.path("h").asInt(),
                thresholds,
                targets);
    }

    private static String filled(String expression) {
        String filled = expression;
        for (Map.Entry<String, String> variable : VARIABLES.entrySet()) {
            filled = filled.replace(variable.getKey(), variable.getValue());
        }
        return filled;
    }
}
