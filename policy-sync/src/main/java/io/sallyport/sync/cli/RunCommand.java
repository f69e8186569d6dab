package io.sallyport.sync.cli;

import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.sandbox.Sandbox;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport run}: one command in a throw-away sandbox network. */
@Command(
        name = "run",
        description = {
            "Runs one command in a throw-away sandbox network on this host. Allowed names resolve and connect,"
                    + " every other name is NXDOMAIN, every direct-IP way out is rejected.",
            "What was denied, and how often, is printed on standard error at the end.",
            "Only the network is a sandbox: the command sees and changes the same files as its user, so let it run"
                    + " as one whom a change to a login script or a cron table does not matter (--user).",
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit code: the command's own; 1 if the sandbox could not be made, 2 for a wrong option.",
            "Example: sudo sallyport run --level package-managers --allow .example.com -- npm install"
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--org",
            paramLabel = "ORG",
            description = "Use this org's policy, as a session would.")
    private @Nullable String org;

    @Option(names = "--agent", paramLabel = "AGENT", description = "With --org: which agent runs.")
    private @Nullable String agent;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description =
                    "none, connections, package-managers, common-dependencies or all (default: none).")
    private @Nullable String level;

    @Option(
            names = "--allow",
            paramLabel = "LIST",
            description = "Domains to allow: api.example.com, *.example.com, .example.com.")
    private List<String> allow = new ArrayList<>();

    @Option(
            names = "--deny",
            paramLabel = "LIST",
            description = "Domains to deny; deny beats allow.")
    private List<String> deny = new ArrayList<>();

    @Option(
            names = "--upstream",
            paramLabel = "UPSTREAM",
            description =
                    "A server that recurses, ADDR[:PORT] or tls://ADDR[:PORT]#NAME; repeat for more (default: the host's).")
    private List<String> upstreams = new ArrayList<>();

    @Option(
            names = "--forward",
            paramLabel = "PATTERN=UPSTREAM[,UPSTREAM]",
            description =
                    "A domain that is asked of its own servers and nobody else; repeat for more.")
    private List<String> forwards = new ArrayList<>();

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "Run the command as this user (default: who called sudo).")
    private @Nullable String user;

    @Option(
            names = "--dns-only",
            description =
                    "The weaker mode, without firewall: only names are filtered; addresses stay open.")
    private boolean dnsOnly;

    @Option(
            names = "--observe",
            description =
                    "Answer names that nothing allows, and list them at the end: to find out what to allow.")
    private boolean observe;

    @Option(
            names = "--policy-file",
            paramLabel = "FILE",
            description = "With --org: orgs and their settings as YAML.")
    private @Nullable Path policyFile;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private DataOption data;

    @Parameters(
            arity = "1..*",
            paramLabel = "CMD",
            description = "The command and its arguments, after --.")
    private List<String> command = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException, PolicySource.Refused {
        PrintWriter err = spec.commandLine().getErr();
        if (!dnsOnly && !Host.isRoot()) {
            err.println(
                    "sallyport: run needs root to make a network and its firewall: use sudo."
                            + " Without root there is --dns-only, which filters names and leaves addresses open.");
            return Cli.FAILED;
        }
        Sandbox.Request request =
                new Sandbox.Request(
                        snapshot(),
                        servers(),
                        forwards.stream().map(Forward::parse).toList(),
                        data.directory().path(),
                        user,
                        observe,
                        command);
        PrintStream print =
                new PrintStream(
                        new java.io.FileOutputStream(java.io.FileDescriptor.err),
                        true,
                        StandardCharsets.UTF_8);
        if (dnsOnly) {
            err.println(
                    "sallyport: --dns-only: names are filtered; NOT blocked are connections to addresses that were"
                            + " never answered, other DNS servers, DNS over TLS and HTTPS, and everything else by IP address");
            err.flush();
            return Sandbox.runDnsOnly(request, print);
        }
        return Sandbox.run(request, print);
    }

    private Snapshot snapshot() throws IOException, PolicySource.Refused {
        if (org != null && level != null) {
            throw new IllegalArgumentException("--org brings its own level; leave --level out");
        }
        if (org == null) {
            Settings settings =
                    Settings.of(level == null ? Settings.Level.NONE : Settings.Level.parse(level));
            return Snapshot.of("run", null, 0, "command-line", with(settings), Presets.shipped());
        }
        if (!allow.isEmpty() || !deny.isEmpty()) {
            throw new IllegalArgumentException(
                    "--org brings its own domains; change them with sallyport org allow "
                            + org
                            + " DOMAIN");
        }
        try (PolicySource source =
                Policies.source(
                        data.directory(),
                        Optional.empty(),
                        Optional.ofNullable(policyFile),
                        Presets.shipped())) {
            return source.pull(org, agent);
        }
    }

    private Settings with(Settings settings) {
        Settings changed = settings;
        if (!allow.isEmpty()) {
            changed = changed.with(new Change.Allow(Settings.patterns(String.join(",", allow))));
        }
        if (!deny.isEmpty()) {
            changed = changed.with(new Change.Deny(Settings.patterns(String.join(",", deny))));
        }
        return changed;
    }

    private List<Endpoint> servers() throws IOException {
        List<Endpoint> servers =
                upstreams.isEmpty()
                        ? Host.nameServers().stream().map(Endpoint::plain).toList()
                        : upstreams.stream().map(Endpoint::parse).toList();
        if (servers.isEmpty()) {
            throw new IllegalArgumentException(
                    "no upstream: /etc/resolv.conf names no server; name one with --upstream");
        }
        return servers;
    }
}
