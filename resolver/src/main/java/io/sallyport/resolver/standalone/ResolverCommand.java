package io.sallyport.resolver.standalone;

import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.querylog.QueryLog;
import io.sallyport.resolver.upstream.Upstreams;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.resolver.validate.Validator;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sallyport resolver}: the DNS server alone. */
@Command(
        name = "resolver",
        description = {
            "Runs the DNS server alone on a static policy: no root, no sessions.",
            "There is no firewall behind it: names are filtered, addresses are not."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ResolverCommand implements Callable<Integer> {
    private static final int DNS_PORT = 53;

    /** 4,096 networks: more than one host has sandboxes. */
    private static final int MOST_NETWORKS_PREFIX = 20;

    private static final int STOPPED = 0;
    private static final int FAILED = 1;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "ADDR:PORT",
            description = "Address to answer on, UDP and TCP.")
    private List<String> listen = new ArrayList<>();

    @Option(
            names = "--upstream",
            required = true,
            paramLabel = "UPSTREAM",
            description = {
                "Server that resolves for us: ADDR[:PORT],",
                "or tls://ADDR[:PORT]#NAME[;pin=sha256/…][;ca=FILE]."
            })
    private List<String> upstream = new ArrayList<>();

    @Option(
            names = "--forward",
            paramLabel = "PATTERN=UPSTREAM[,UPSTREAM]",
            description = "Domain that is asked of its own servers and nobody else.")
    private List<String> forward = new ArrayList<>();

    @Option(
            names = "--level",
            paramLabel = "all",
            description = "all: every name that is not denied.")
    private String level = "none";

    @Option(
            names = "--allow",
            paramLabel = "LIST|@FILE",
            description = "Patterns to allow: a.example, *.b.example, .c.example")
    private List<String> allow = new ArrayList<>();

    @Option(
            names = "--deny",
            paramLabel = "LIST|@FILE",
            description = "Patterns to deny; deny beats allow.")
    private List<String> deny = new ArrayList<>();

    @Option(
            names = "--types",
            paramLabel = "A,AAAA,…|all",
            description = "Record types; default A, AAAA, CNAME, and PTR of what was answered.")
    private String types = "";

    @Option(
            names = "--internal",
            paramLabel = "PATTERN=CIDR",
            description = "Internal domain and its private addresses.")
    private List<String> internal = new ArrayList<>();

    @Option(
            names = "--client",
            paramLabel = "CIDR",
            description = "Who may ask; default 127.0.0.0/8 and ::1.")
    private List<String> client = new ArrayList<>();

    @Option(
            names = "--each",
            hidden = true,
            description = "A block whose every address is a network of its own; for the bench.")
    private List<String> each = new ArrayList<>();

    @Option(
            names = "--serve-stale",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Tell an answer up to a day after its time when the upstreams fail (default).")
    private boolean serveStale = true;

    @Option(
            names = "--dnssec",
            paramLabel = "pass|validate",
            description = "Look at signatures here, or leave it to the upstreams (default).")
    private String dnssec = "pass";

    @Option(
            names = "--trust-anchor",
            paramLabel = "FILE",
            description = "DS or DNSKEY records; one for . replaces the public root.")
    private @Nullable Path trustAnchor;

    @Option(
            names = "--negative-trust-anchor",
            paramLabel = "DOMAIN",
            description = "Not validated, with all below it.")
    private List<String> negativeTrustAnchor = new ArrayList<>();

    @Option(
            names = "--limit",
            paramLabel = "KEY=N",
            description = {
                "What each --client may spend, 0 for no limit; repeat for more. Defaults:",
                "${COMPLETION-CANDIDATES}"
            },
            completionCandidates = Usual.class)
    private List<String> limit = new ArrayList<>();

    @Option(
            names = "--no-limits",
            description = "No limit but what --limit sets: for measurements.")
    private boolean noLimits;

    @Option(
            names = "--query-log",
            paramLabel = "FILE|dnstap:FILE|dnstap:unix:SOCKET",
            description = "Write queries down, as JSON lines or dnstap.")
    private String queryLog = "";

    @Option(
            names = "--query-log-mode",
            paramLabel = "denied|all|1/N",
            description = "Which of them: denied (default), all, or one in N.")
    private String queryLogMode = QueryLog.Config.USUAL;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Event loops; default from the machine.")
    private int threads;

    /** The limits that hold unless something else is said, for the help. */
    static final class Usual extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Usual() {
            Limits.DEFAULT.values().forEach((key, value) -> add(key.key() + "=" + value));
        }
    }

    /** Runs the command alone. */
    public static void main(String[] arguments) {
        // Not picocli's: @FILE is a list of patterns here, not a file of arguments.
        System.exit(
                new CommandLine(new ResolverCommand()).setExpandAtFiles(false).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Resolver.Config config;
        Networks networks;
        try {
            networks = networks();
            config = config();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "sallyport: " + e.getMessage(), e);
        }
        Resolver resolver;
        try {
            resolver = Resolver.start(config, networks);
        } catch (IllegalArgumentException e) { // what only its user can see: a file of keys
            throw new ParameterException(spec.commandLine(), "sallyport: " + e.getMessage(), e);
        } catch (IOException e) {
            err.println("sallyport: " + e.getMessage());
            err.flush();
            return FAILED;
        }
        for (InetSocketAddress address : resolver.addresses()) {
            out.println("listening on " + text(address) + " (udp, tcp)");
        }
        out.println("no firewall: names are filtered, addresses are not");
        out.flush();
        runUntilAskedToStop(resolver);
        return STOPPED;
    }

    private static void runUntilAskedToStop(Resolver resolver) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Runnable stop =
                () -> {
                    resolver.close();
                    stopped.countDown();
                };
        Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
        stopped.await();
    }

    private Networks networks() {
        if (!level.equals("all") && !level.equals("none")) {
            throw new IllegalArgumentException(
                    "--level: \""
                            + level
                            + "\" needs the settings of an organisation; alone"
                            + " the resolver knows \"all\" (every name), or name what to allow with --allow");
        }
        Policy policy = StaticPolicy.compile(level.equals("all"), allow, deny, types, internal);
        List<String> clients = client.isEmpty() ? List.of("127.0.0.0/8", "::1") : client;
        Networks networks = new Networks(limits(), Events.NOBODY);
        for (String one : new LinkedHashSet<>(clients)) {
            // One network each, because what a network may spend is its own.
            networks.put(new Network(one, List.of(client(one)), policy, Pinner.WITHOUT_FIREWALL));
        }
        for (Cidr address : each.stream().flatMap(ResolverCommand::addresses).toList()) {
            networks.put(
                    new Network(
                            address.toString(), List.of(address), policy, Pinner.WITHOUT_FIREWALL));
        }
        return networks;
    }

    /** The addresses of an IPv4 block, each as a block of its own. */
    private static Stream<Cidr> addresses(String text) {
        Cidr block = Cidr.parse(text);
        if (block.isIpv6() || block.prefix() < MOST_NETWORKS_PREFIX) {
            throw new IllegalArgumentException("--each: write an IPv4 block of at most /20");
        }
        int first = ByteBuffer.wrap(block.network()).getInt();
        return IntStream.range(0, 1 << (32 - block.prefix()))
                .mapToObj(i -> new Cidr(ByteBuffer.allocate(4).putInt(first + i).array(), 32));
    }

    private Optional<Validator.Config> validation() {
        if (dnssec.equals("validate")) {
            return Optional.of(
                    new Validator.Config(
                            Optional.ofNullable(trustAnchor),
                            negativeTrustAnchor.stream().map(WireName::parse).toList()));
        }
        if (!dnssec.equals("pass")) {
            throw new IllegalArgumentException(
                    "--dnssec: \"" + dnssec + "\" should be pass or validate");
        }
        if (trustAnchor != null || !negativeTrustAnchor.isEmpty()) {
            throw new IllegalArgumentException(
                    "trust anchors say nothing without --dnssec validate");
        }
        return Optional.empty();
    }

    private Limits limits() {
        Limits limits = noLimits ? Limits.NONE : Limits.DEFAULT;
        for (String text : limit) {
            int equals = text.indexOf('=');
            Limit named =
                    Limit.named(equals < 0 ? text : text.substring(0, equals))
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "--limit: \""
                                                    + text
                                                    + "\" names none; write one of "
                                                    + Limits.DEFAULT));
            String number = equals < 0 ? "" : text.substring(equals + 1);
            if (!number.matches("\\d{1,7}")) {
                throw new IllegalArgumentException(
                        "--limit: write " + named.key() + "=N with a whole number, 0 for no limit");
            }
            limits = limits.with(named, Integer.parseInt(number));
        }
        return limits;
    }

    private static Cidr client(String text) {
        try {
            return Cidr.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--client: " + e.getMessage(), e);
        }
    }

    private Resolver.Config config() {
        if (threads < 0 || threads > 64) {
            throw new IllegalArgumentException("--threads: write a number of 1 to 64");
        }
        List<InetSocketAddress> listens =
                listen.stream().map(text -> socket("--listen", text)).toList();
        Upstreams.Config upstreams =
                Upstreams.Config.of(
                        read("--upstream", upstream, Endpoint::parse),
                        read("--forward", forward, Forward::parse));
        return new Resolver.Config(
                listens,
                new Lookup.Config(upstreams, Lookup.Config.CACHE_BYTES, serveStale, validation()),
                threads,
                queryLog.isEmpty()
                        ? Optional.empty()
                        : Optional.of(QueryLog.Config.parse(queryLog, queryLogMode)));
    }

    private static <T> List<T> read(String flag, List<String> texts, Function<String, T> reader) {
        try {
            return texts.stream().map(reader).toList();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(flag + ": " + e.getMessage(), e);
        }
    }

    /**
     * {@code 127.0.0.1}, {@code 127.0.0.1:53}, {@code ::1}, {@code [::1]:53}; never a name, which
     * nobody could resolve.
     */
    private static InetSocketAddress socket(String flag, String text) {
        String host = text;
        String port = "";
        int colon = text.lastIndexOf(':');
        if (text.startsWith("[")) {
            int bracket = text.indexOf(']');
            host = bracket < 0 ? text : text.substring(1, bracket);
            port = bracket >= 0 && bracket + 1 < text.length() ? text.substring(bracket + 1) : "";
        } else if (colon >= 0 && text.indexOf(':') == colon) {
            host = text.substring(0, colon);
            port = text.substring(colon);
        }
        if (!port.isEmpty() && !port.matches(":\\d{1,5}")) {
            throw new IllegalArgumentException(
                    flag + ": \"" + text + "\" has no port after the colon");
        }
        int number = port.isEmpty() ? DNS_PORT : Integer.parseInt(port.substring(1));
        if (number > 0xffff) {
            throw new IllegalArgumentException(
                    flag + ": a port is a number of at most 65535, not " + number);
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(Cidr.address(host)), number);
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw new IllegalArgumentException(flag + ": " + e.getMessage(), e);
        }
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
