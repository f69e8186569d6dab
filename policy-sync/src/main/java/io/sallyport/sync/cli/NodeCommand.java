package io.sallyport.sync.cli;

import com.google.common.net.InetAddresses;
import io.sallyport.resolver.heap.Heap;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.sync.cluster.Cluster;
import io.sallyport.sync.cni.Cni;
import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.config.NodeFile.ControlServer;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.handover.Turn;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.node.Node;
import io.sallyport.sync.pods.Pods;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.report.Reports;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.source.PolicySource;
import io.sallyport.sync.supervisor.Supervisor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport node}. */
@Command(
        name = "node",
        description =
                "Runs the resolver, the sessions and the firewall of this host until it is told to stop.",
        mixinStandardHelpOptions = true)
class NodeCommand implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private DataOption data;

    @Option(
            names = "--policy-file",
            paramLabel = "FILE",
            description = "Orgs and their settings as YAML, instead of the store.")
    private @Nullable Path policyFile;

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
            names = "--dns-address",
            paramLabel = "ADDR",
            description =
                    "The resolver's own address, IPv4 or IPv6; repeat for both (default: 169.254.53.53, fd00:53::53).")
    private List<String> dnsAddresses = new ArrayList<>();

    @Option(
            names = "--cni-socket",
            paramLabel = "PATH",
            description =
                    "Where the CNI plugin of container runtimes calls, such as /run/sallyport/cni.sock (default: nowhere).")
    private @Nullable Path cniSocket;

    @Option(
            names = "--node-listen",
            paramLabel = "ADDR:PORT",
            description = "Metrics and health (default: 127.0.0.1:9153).")
    private @Nullable String listen;

    @Option(
            names = "--sandbox-interface",
            paramLabel = "NAME[+]",
            description = "Interfaces that are never open without a session; repeat for more.")
    private List<String> sandboxInterfaces = new ArrayList<>();

    @Mixin private QueryLogOption queryLog = new QueryLogOption();

    @Option(
            names = "--kubernetes",
            description =
                    "Follow the pods of this node of a Kubernetes cluster; kubernetes: in the"
                            + " configuration file says how.")
    private boolean kubernetes;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private ControlOption control;

    @ArgGroup private BeginningOption beginning = new BeginningOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Told told = told();
        NodeFile file = told.file();
        Node.Config node = told.node();
        Optional<Path> policies = Optional.ofNullable(policyFile).or(file::policyFile);
        StopSignal stop = new StopSignal();
        Supervisor supervisor = Supervisor.of(System.getenv());
        try (Turn turn = beginning.turn(node.data(), supervisor);
                Opened opened = new Opened(() -> beside(node.data(), file, policies));
                Node running = Node.start(node, opened, turn, stop::tell)) {
            announce(node, running.restored());
            opened.announce(spec.commandLine().getOut());
            Heap.keepSmall();
            beginning.answers();
            supervisor.ready(running.restored().sessions() + " sessions restored");
            await(stop, running, supervisor);
        } finally {
            stop.done();
        }
        return Cli.OK;
    }

    private record Told(NodeFile file, Node.Config node) {}

    /** Whoever mistyped something has not thereby opened what was closed. */
    private Told told() throws IOException {
        try {
            NodeFile file = config.read();
            Node.Config node = config(file);
            var _ = node.resolver(); // says what is wrong with it
            return new Told(file, node);
        } catch (IOException | RuntimeException e) {
            Node.secure(data.directory());
            throw e;
        }
    }

    /** Half of its patience, so that one that is late is no harm. */
    private static void await(StopSignal stop, Node node, Supervisor supervisor)
            throws InterruptedException {
        if (supervisor.watchdog().isEmpty()) {
            stop.await();
            return;
        }
        stop.await(
                supervisor.watchdog().get().dividedBy(2),
                () -> {
                    if (node.isAlive()) {
                        supervisor.alive();
                    }
                });
    }

    /** What runs with the node, from when it is asked for. */
    private static final class Opened implements Node.Opening, AutoCloseable {
        private final Callable<Beside> opening;
        private @Nullable Beside beside;

        Opened(Callable<Beside> opening) {
            this.opening = opening;
        }

        @Override
        public Node.Around open() throws IOException {
            try {
                Beside opened = opening.call();
                beside = opened;
                return new Node.Around(opened.source(), opened.control(), opened.neighbour());
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("opening throws nothing else", e);
            }
        }

        void announce(PrintWriter out) {
            if (beside != null) {
                beside.announce(out);
            }
        }

        @Override
        public void close() throws IOException {
            if (beside != null) {
                beside.close();
            }
        }
    }

    /**
     * What runs with the node.
     *
     * @param source where its policies come from
     * @param control whom it reports to
     * @param serving the control server in this process
     */
    record Beside(PolicySource source, Optional<Reports.Control> control, Optional<Serving> serving)
            implements AutoCloseable {
        Node.Beside neighbour() {
            return serving.<Node.Beside>map(server -> server).orElse(Node.Beside.NOTHING);
        }

        void announce(PrintWriter out) {
            serving.ifPresent(server -> server.announce(out));
        }

        @Override
        public void close() throws IOException {
            source.close();
            if (serving.isPresent()) {
                serving.get().close();
            }
        }
    }

    /** A file beats a server, so that a host can be taken out of its hands. */
    Beside beside(DataDirectory data, NodeFile file, Optional<Path> policies) throws IOException {
        Optional<ControlServer> server = control.server(file);
        PolicySource source =
                policies.isEmpty() && server.isPresent()
                        ? PolicySource.http(server.get().uplink())
                        : Policies.source(
                                data, file.control().store(), policies, Presets.shipped());
        boolean ready = false;
        try {
            Optional<Reports.Control> reports =
                    server.isPresent()
                            ? Optional.of(ControlOption.reports(server.get()))
                            : Optional.empty();
            ready = true;
            return new Beside(source, reports, Optional.empty());
        } finally {
            if (!ready) {
                source.close();
            }
        }
    }

    /** Whether somebody else tells this node its policies. */
    boolean isTold(NodeFile file, Optional<Path> policies) {
        return policies.isPresent() || control.server(file).isPresent();
    }

    Node.Config config(NodeFile file) throws IOException {
        List<Endpoint> servers = file.upstreams();
        if (!upstreams.isEmpty()) {
            servers = upstreams.stream().map(Endpoint::parse).toList();
        } else if (servers.isEmpty()) {
            servers = Host.nameServers().stream().map(Endpoint::plain).toList();
        }
        if (servers.isEmpty()) {
            throw new IllegalArgumentException(
                    "no upstream: /etc/resolv.conf names no server; name one with --upstream");
        }
        List<Forward> domains = new ArrayList<>(file.forwards());
        forwards.stream().map(Forward::parse).forEach(domains::add);
        List<String> interfaces = new ArrayList<>(file.sandboxInterfaces());
        sandboxInterfaces.stream().map(NodeFile::interfacePattern).forEach(interfaces::add);
        return new Node.Config(
                data.directory(),
                dns(false).map(NodeFile::dns4).orElse(file.dns4()),
                dns(true).map(NodeFile::dns6).orElse(file.dns6()),
                listen == null ? file.http() : NodeFile.listen(listen),
                servers,
                domains,
                interfaces,
                file.cacheBytes(),
                file.serveStale(),
                file.validation(),
                file.threads(),
                file.limits(),
                Optional.ofNullable(cniSocket).or(file::cniSocket).map(Cni.Config::at),
                queryLog.over(file.queryLog()),
                kubernetes(file));
    }

    private Optional<Pods.Config> kubernetes(NodeFile file) throws IOException {
        if (!kubernetes && file.kubernetes().isEmpty()) {
            return Optional.empty();
        }
        NodeFile.Kubernetes given = file.kubernetes().orElse(NodeFile.Kubernetes.DEFAULT);
        return Optional.of(
                new Pods.Config(
                        given.api().orElseGet(() -> Cluster.inside(System.getenv())),
                        control.nodeName(given.node()),
                        given.keys(),
                        given.taint()));
    }

    private Optional<String> dns(boolean ipv6) {
        return dnsAddresses.stream().filter(address -> address.contains(":") == ipv6).findFirst();
    }

    private void announce(Node.Config node, Sessions.Restored restored) {
        PrintWriter out = spec.commandLine().getOut();
        restored.problems()
                .forEach(problem -> spec.commandLine().getErr().println("sallyport: " + problem));
        spec.commandLine().getErr().flush();
        out.println(
                "sallyport: ready. DNS on "
                        + InetAddresses.toAddrString(node.dns4())
                        + " and "
                        + InetAddresses.toAddrString(node.dns6())
                        + ", sessions by "
                        + node.data().socket()
                        + ", metrics on "
                        + node.http().getHostString()
                        + ":"
                        + node.http().getPort());
        if (restored.networks() > 0) {
            out.println(
                    "sallyport: restored "
                            + restored.networks()
                            + " networks, "
                            + restored.sessions()
                            + " sessions");
        }
        out.flush();
    }
}
