package io.sallyport.sync.cli;

import io.sallyport.sync.bench.Bench;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport bench}. */
@Command(
        name = "bench",
        description = {
            "Measures the resolver beside a bare reflector and six other DNS servers, with the same allow-list and"
                    + " upstream, in a network namespace of its own.",
            "A whole run takes about 20 minutes of two otherwise idle processors; from a checkout it writes"
                    + " docs/bench.json and docs/bench.svg."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--quick", description = "Rough numbers in less than three minutes.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there as JSON.")
    private @Nullable Path json;

    @Option(
            names = "--only",
            paramLabel = "WORKLOAD",
            split = ",",
            description =
                    "denied, cached, mixed, cold, cold-pinned, networks, patterns, overload, fairness; default all.")
    private List<String> only = List.of();

    @Option(
            names = "--servers",
            paramLabel = "NAME",
            split = ",",
            description =
                    "sallyport, reflector, unbound, dnsdist, pdns-recursor, kresd, dnsmasq, named; default all.")
    private List<String> servers = List.of();

    @Option(names = "--seconds", paramLabel = "N", description = "Load a turn; default 4.")
    private @Nullable Double seconds;

    @Option(names = "--rounds", paramLabel = "N", description = "Turns a server; default 3.")
    private @Nullable Integer rounds;

    @Option(
            names = "--soak",
            paramLabel = "MINUTES",
            description = "Nothing but half load for so long, with an eye on memory.")
    private @Nullable Double soak;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        String launcher = System.getenv("SALLYPORT_BENCH");
        if (launcher == null || ProcessHandle.current().pid() != 1) {
            throw new IOException(
                    "start it as ./sallyport bench, which makes the namespace that it runs in");
        }
        if ((seconds != null && !(seconds > 0))
                || (rounds != null && rounds < 1)
                || (soak != null && !(soak > 0))) {
            throw new IllegalArgumentException(
                    "--seconds, --rounds and --soak: write a number above 0");
        }
        Bench.Options options =
                new Bench.Options(
                        quick,
                        only,
                        servers,
                        Optional.ofNullable(seconds),
                        Optional.ofNullable(rounds),
                        Optional.ofNullable(soak),
                        Optional.ofNullable(json),
                        Path.of(launcher));
        PrintWriter out = spec.commandLine().getOut();
        Bench.run(options, out, spec.commandLine().getErr());
        return Cli.OK;
    }
}
