package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.gate.Panels.Panel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Draws a dashboard of what a Prometheus has, by a browser, for people to look at. */
final class Drawing {
    private static final int COLUMN = 60;
    private static final int ROW = 32;
    private static final String[] COLOURS = {
        "#2f7ed8", "#d9534f", "#3c9d4e", "#e0a030", "#8a5cc2", "#2ba6a6", "#b5527a", "#6b7280",
        "#9a8b1f", "#4b6fae"
    };

    private final StringBuilder svg = new StringBuilder();
    private int bottom;

    /** One line of a graph. */
    record Line(String legend, List<double[]> points) {}

    void draw(Panel panel, List<Line> lines) {
        int x = panel.x() * COLUMN + 6;
        int y = panel.y() * ROW + 6;
        int width = panel.width() * COLUMN - 12;
        int height = panel.height() * ROW - 8;
        bottom = Math.max(bottom, y + height + 12);
        if (panel.kind().equals("row")) {
            text(x, y + 20, "section", panel.title());
            return;
        }
        svg.append(
                "<rect x='%d' y='%d' width='%d' height='%d' rx='4' class='panel'/>"
                        .formatted(x, y, width, height));
        text(x + 10, y + 18, "title", panel.title());
        if (panel.kind().equals("stat")) {
            double value = lines.isEmpty() ? Double.NaN : last(lines.getFirst());
            boolean bad = panel.thresholds().stream().anyMatch(least -> value >= least);
            text(x + 12, y + height - 24, bad ? "stat bad" : "stat", number(value, panel.unit()));
        } else {
            graph(panel, lines, x + 56, y + 30, width - 68, height - 30 - 40);
        }
    }

    private static double last(Line line) {
        return line.points().isEmpty() ? Double.NaN : line.points().getLast()[1];
    }

    private void graph(Panel panel, List<Line> lines, int x, int y, int width, int height) {
        double most = 0;
        double from = Double.MAX_VALUE;
        double to = 0;
        for (Line line : lines) {
            for (double[] point : line.points()) {
                most = Double.isNaN(point[1]) ? most : Math.max(most, point[1]);
                from = Math.min(from, point[0]);
                to = Math.max(to, point[0]);
            }
        }
        double top = most > 0 ? most * 1.1 : 1;
        for (int i = 0; i <= 2; i++) {
            int at = y + height - i * height / 2;
            svg.append("<path class='grid' d='M%d %dh%d'/>".formatted(x, at, width));
            text(x - 50, at + 4, "axis", number(top * i / 2, panel.unit()));
        }
        double right = x;
        int legend = y + height + 18;
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            String colour = COLOURS[i % COLOURS.length];
            StringBuilder path = new StringBuilder();
            for (double[] point : line.points()) {
                if (!Double.isNaN(point[1])) {
                    path.append(path.isEmpty() ? 'M' : 'L')
                            .append(x + (point[0] - from) / Math.max(1, to - from) * width)
                            .append(' ')
                            .append(y + height - point[1] / top * height);
                }
            }
            svg.append("<path class='line' stroke='%s' d='%s'/>".formatted(colour, path));
            if (right + 20 + line.legend().length() * 7 > x + width && legend < y + height + 30) {
                right = x;
                legend += 13;
            }
            if (right + 20 + line.legend().length() * 7 <= x + width) {
                svg.append(
                        "<rect x='%f' y='%d' width='8' height='8' fill='%s'/>"
                                .formatted(right, legend - 8, colour));
                text(right + 11, legend, "axis", line.legend());
                right += 20 + line.legend().length() * 7;
            }
        }
    }

    private void text(double x, int y, String kind, String text) {
        svg.append(
                "<text x='%f' y='%d' class='%s'>%s</text>"
                        .formatted(x, y, kind, text.replace("&", "&amp;").replace("<", "&lt;")));
    }

    private static String number(double value, String unit) {
        if (Double.isNaN(value)) {
            return "–";
        }
        return switch (unit) {
            case "percentunit" -> "%.2f %%".formatted(value * 100);
            case "s" -> value < 1 ? "%.1f ms".formatted(value * 1000) : "%.1f s".formatted(value);
            case "bytes" -> "%.0f MB".formatted(value / 1e6);
            case "reqps", "pps" -> "%.1f/s".formatted(value);
            default ->
                    value == Math.rint(value) ? "%.0f".formatted(value) : "%.2f".formatted(value);
        };
    }

    /** Writes the picture. */
    void keep(String title, Path picture) throws IOException, InterruptedException {
        int width = 24 * COLUMN + 8;
        String page =
                """
                <!doctype html><meta charset=utf-8><title>%s</title><style>
                body{margin:0;background:#f4f5f7} text{font:12px sans-serif;fill:#333}
                .panel{fill:#fff;stroke:#ddd} .title{font-weight:bold} .section{font-size:15px;font-weight:bold}
                .stat{font-size:28px;fill:#2e7d32} .bad{fill:#c62828} .axis{font-size:11px;fill:#666}
                .grid{stroke:#e5e7eb} .line{fill:none;stroke-width:1.5}
                </style><svg width=%d height=%d>%s</svg>
                """
                        .formatted(title, width, bottom, svg);
        Path html = Files.writeString(picture.resolveSibling(title + ".html"), page);
        Path profile = Files.createTempDirectory("sallyport-drawing");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "chromium",
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--disable-dev-shm-usage",
                                "--hide-scrollbars",
                                "--user-data-dir=" + profile,
                                "--screenshot=" + picture,
                                "--window-size=%d,%d".formatted(width, bottom),
                                html.toUri().toString()));
        Process browser =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!browser.waitFor(60, TimeUnit.SECONDS)) {
            browser.descendants().forEach(ProcessHandle::destroyForcibly);
            browser.destroyForcibly();
            throw new AssertionError("the browser draws nothing");
        }
        Netns.host("rm", "-rf", profile.toString()); // its last processes may still write
    }

    /** The lines of an answer, named as the legend says. */
    static List<Line> lines(JsonNode answer, String legend) {
        List<Line> lines = new ArrayList<>();
        answer.forEach(series -> {
            String name = legend;
            for (var label : series.path("metric").properties()) {
                name = name.replace("{{" + label.getKey() + "}}", label.getValue().asString());
            }
            List<double[]> points = new ArrayList<>();
            JsonNode values = series.path("values");
            if (values.isMissingNode()) {
                points.add(point(series.path("value")));
            }
            values.forEach(value -> points.add(point(value)));
            lines.add(new Line(name, points));
        });
        return lines;
    }

    private static double[] point(JsonNode value) {
        String text = value.path(1).asString();
        return new double[] {
            value.path(0).asDouble(),
            text.toLowerCase(Locale.ROOT).equals("nan") ? Double.NaN : Double.parseDouble(text)
        };
    }
}
