package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Result.Measured;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/**
 * Bars of processor time a question, a group for each workload. SVG that takes its colours from the
 * reader's light or dark scheme.
 */
final class Chart {
    private static final int WIDTH = 760;
    private static final int LEFT = 150;
    private static final int BARS = 480;
    private static final int BAR = 18;
    private static final int STEP = 24;
    private static final int TITLE = 34;
    private static final int GAP = 16;

    /** Above the bars' own colours both schemes have a contrast of at least 4.5 to 1 for text. */
    private static final String STYLE =
            """
            text { font: 13px sans-serif; fill: #1f2328 }
            .title { font-weight: bold; font-size: 14px }
            .note { fill: #59636e }
            .ours { fill: #0969da }
            .floor { fill: #9a6700 }
            .peer { fill: #818b98 }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 }
              .note { fill: #9198a1 }
              .ours { fill: #4493f8 }
              .floor { fill: #d29922 }
              .peer { fill: #656c76 }
            }
            """;

    private Chart() {}

    static String of(List<Result> results) {
        List<Result> drawn =
                results.stream().filter(result -> !result.measured().isEmpty()).toList();
        Formatter body = new Formatter(Locale.ROOT);
        int y = TITLE;
        for (Result result : drawn) {
            y = group(body, result, y);
        }
        return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="t">
        <title id="t">Processor time a DNS question, in microseconds; shorter is better</title>
        <style>
        %s</style>
        <text class="note" x="0" y="16">Processor time of the server a question, in µs. Shorter is better.</text>
        %s</svg>
        """
                .formatted(WIDTH, y, STYLE, body);
    }

    private static int group(Formatter body, Result result, int top) {
        double most = result.measured().stream().mapToDouble(Measured::cpuMicros).max().orElse(1);
        int y = top + BAR;
        body.format(
                "<text class=\"title\" x=\"0\" y=\"%d\">%s</text>\n", y, escaped(result.name()));
        y += GAP / 2;
        for (Measured row : result.measured()) {
            double width = Math.max(1, BARS * row.cpuMicros() / most);
            int text = y + BAR - 4;
            body.format(
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
                    LEFT - 8, text, escaped(row.server()));
            body.format(
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
                    colour(row.server()), LEFT, y, width, BAR);
            body.format(
                    "<text x=\"%.1f\" y=\"%d\">%.2f</text>\n",
                    LEFT + width + 6, text, row.cpuMicros());
            y += STEP;
        }
        return y + GAP;
    }

    private static String colour(String server) {
        if (server.startsWith(Peer.SALLYPORT.title())) {
            return "ours";
        }
        return server.equals(Peer.REFLECTOR.title()) ? "floor" : "peer";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
