package io.sallyport.sync.cli;

import io.sallyport.sync.probe.Probe;
import io.sallyport.sync.probe.Probe.Crafted;
import io.sallyport.sync.probe.Probe.Finding;
import io.sallyport.sync.probe.Probe.Report;
import io.sallyport.sync.probe.Probe.Result;
import io.sallyport.sync.probe.Probe.Settings;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code sallyport probe}. */
@Command(
        name = "probe",
        description = {
            "Run inside a sandbox: tries every known way out and prints a scoreboard.",
            "A way is OPEN only if something beyond the guard answered. Exit 0 if none is and the --allowed name works,"
                    + " else 1. At level \"all\" the direct ways are open by policy."
        },
        mixinStandardHelpOptions = true)
final class ProbeCommand implements Callable<Integer> {
    @Option(
            names = "--allowed",
            paramLabel = "NAME[:PORT]",
            description =
                    "A name that must resolve and connect (TCP, port 443 by default): the proof that"
                            + " \"blocked\" does not only mean that nothing works.")
    private @Nullable String allowed;

    @Option(
            names = "--denied",
            paramLabel = "NAME",
            defaultValue = "example.org",
            description = "A name that exists and must not resolve (default: ${DEFAULT-VALUE}).")
    private String denied = "";

    @Option(
            names = "--target-address",
            paramLabel = "ADDRESS",
            split = ",",
            defaultValue = "1.1.1.1,9.9.9.9,2606:4700:4700::1111",
            description =
                    "Public addresses that no allowed name leads to; a server of your own with open ports is the"
                            + " best (default: ${DEFAULT-VALUE}).")
    private List<String> targets = List.of();

    @Option(
            names = "--resolver",
            paramLabel = "ADDRESS",
            description = "The resolver to ask (default: the first of /etc/resolv.conf).")
    private @Nullable String resolver;

    @Option(
            names = "--wildcard",
            paramLabel = "NAME",
            description =
                    "A domain below which any name is allowed and has an address: tries a tunnel, 400 queries.")
    private @Nullable String wildcard;

    @Option(
            names = "--rebinding",
            paramLabel = "NAME",
            split = ",",
            description = "Allowed names that have private addresses.")
    private List<String> rebinding = List.of();

    @Option(
            names = "--foreign",
            paramLabel = "NAME",
            description = "An allowed name whose server answers with addresses of other names too.")
    private @Nullable String foreign;

    @Option(
            names = "--timeout",
            paramLabel = "MILLISECONDS",
            defaultValue = "2000",
            description = "How long silence is waited for (default: ${DEFAULT-VALUE}).")
    private long timeout;

    @Option(names = "--json", description = "Print one JSON object instead of the scoreboard.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        String[] host = allowed == null ? new String[0] : allowed.split(":", 2);
        Report report =
                Probe.run(
                        new Settings(
                                host.length == 0 ? Optional.empty() : Optional.of(host[0]),
                                host.length == 2 ? port(host[1]) : 443,
                                denied,
                                targets.stream().map(InetAddress::ofLiteral).toList(),
                                Optional.ofNullable(resolver).map(InetAddress::ofLiteral),
                                new Crafted(
                                        Optional.ofNullable(wildcard),
                                        rebinding,
                                        Optional.ofNullable(foreign)),
                                Duration.ofMillis(timeout)));
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            out.println(JsonMapper.shared().writeValueAsString(json(report)));
        } else {
            scoreboard(report, out);
        }
        out.flush();
        return report.guarded() ? Cli.OK : Cli.FAILED;
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--allowed: a port is 1 to 65535, not \"" + text + "\"", e);
        }
    }

    private static void scoreboard(Report report, PrintWriter out) {
        report.control()
                .ifPresent(control -> {
                    out.printf(
                            "%-8s %s: %s%n",
                            control.result() == Result.OPEN ? "works" : "FAILS",
                            control.tried(),
                            control.happened());
                    out.println();
                });
        int width =
                report.findings().stream()
                        .mapToInt(finding -> finding.way().length())
                        .max()
                        .orElse(0);
        for (Finding finding : report.findings()) {
            String result =
                    switch (finding.result()) {
                        case BLOCKED -> "blocked";
                        case OPEN -> "OPEN";
                        case UNKNOWN -> "unknown";
                    };
            out.printf(
                    "%-8s %-" + width + "s  %s  [%s]%n",
                    result,
                    finding.way(),
                    finding.happened(),
                    finding.tried());
        }
        out.println();
        out.printf(
                "%d ways: %d blocked, %d open, %d unknown%n",
                report.findings().size(),
                report.count(Result.BLOCKED),
                report.count(Result.OPEN),
                report.count(Result.UNKNOWN));
        if (report.control().isEmpty()) {
            out.println(
                    "No --allowed name was given, so \"blocked\" may also mean that nothing works here.");
        }
    }

    private static Map<String, Object> json(Report report) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("guarded", report.guarded());
        report.control().ifPresent(control -> whole.put("control", json(control)));
        for (Result result : Result.values()) {
            whole.put(result.name().toLowerCase(Locale.ROOT), report.count(result));
        }
        whole.put("ways", report.findings().stream().map(ProbeCommand::json).toList());
        return whole;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("way", finding.way());
        one.put("stands-for", finding.hole());
        one.put("tried", finding.tried());
        one.put("result", finding.result().name().toLowerCase(Locale.ROOT));
        one.put("happened", finding.happened());
        return one;
    }
}
