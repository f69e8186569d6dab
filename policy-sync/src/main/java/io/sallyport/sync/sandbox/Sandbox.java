package io.sallyport.sync.sandbox;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.upstream.Upstreams;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.page.Page;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.snapshot.Snapshot;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A throw-away sandbox network with one command in it. */
public final class Sandbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
    private static final int DNS = 53;
    private static final String NETWORK = "run";

    /** One command is one client; a second event loop would only cost memory. */
    private static final int THREADS = 1;

    /**
     * @param snapshot what the command may reach
     * @param upstreams servers that recurse for the resolver
     * @param forwards domains with servers of their own
     * @param hidden the installation's directory, which the command must not see
     * @param user who the command runs as; null for the one who called sudo, or root
     * @param observe whether names that nothing allows are answered and noted
     * @param command words, at least one
     */
    public record Request(
            Snapshot snapshot,
            List<Endpoint> upstreams,
            List<Forward> forwards,
            Path hidden,
            @Nullable String user,
            boolean observe,
            List<String> command) {

        public Request {
            upstreams = List.copyOf(upstreams);
            forwards = List.copyOf(forwards);
            command = List.copyOf(command);
        }
    }

    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private final Networks networks = new Networks();
    private boolean closed;

    private Sandbox() {}

    /**
     * Runs the command in a network where nothing but the snapshot's names can be reached, and
     * tells {@code err} what was denied.
     *
     * @return the command's exit code
     * @throws IOException if the sandbox could not be made; the command did not run
     */
    public static int run(Request request, PrintStream err)
            throws IOException, InterruptedException {
        UndoLog.undoLeftovers();
        try (Sandbox sandbox = new Sandbox()) {
            Thread undoWhenTold = new Thread(sandbox::close, "undo");
            Runtime.getRuntime().addShutdownHook(undoWhenTold);
            return sandbox.enforced(request, err);
        }
    }

    /**
     * Runs the command in the host's own network with only its name server replaced: the weaker
     * mode, for hosts without netfilter or root.
     */
    public static int runDnsOnly(Request request, PrintStream err)
            throws IOException, InterruptedException {
        try (Sandbox sandbox = new Sandbox()) {
            Thread undoWhenTold = new Thread(sandbox::close, "undo");
            Runtime.getRuntime().addShutdownHook(undoWhenTold);
            return sandbox.dnsOnly(request, err);
        }
    }

    private int enforced(Request request, PrintStream err)
            throws IOException, InterruptedException {
        Link link = Link.free();
        Firewall.Installation installation =
                new Firewall.Installation(
                        link.installation(),
                        link.host4(),
                        link.host6(),
                        Link.REDIRECTED,
                        Link.PAGE,
                        List.of(link.interfaceName()));
        Enforcement.Target target =
                new Enforcement.Target(
                        NETWORK, NETWORK, link.interfaceName(), link.sandboxAddresses(), true);
        Enforcement enforcement;
        Inside inside;
        synchronized (this) { // whoever wants it taken down waits until all of it is there
            requireOpen();
            UndoLog log = hold(UndoLog.create("run-" + link.number()));
            log.noteFirewall(installation);
            // The standing drop is in force before the interface exists: there is no moment in
            // which it is open.
            Firewall rules = hold(Firewall.open(installation));
            inside = start(request, log.directory(), resolvConf(link), true);
            link.lay(log, inside.pid());
            enforcement = new Enforcement(networks, rules);
            enforcement.begin(
                    target,
                    new Enforcement.Terms(request.snapshot(), request.observe(), List.of()));
            hold(Resolver.start(resolver(request, listen(link)), networks));
            hold(
                    Page.start(
                            List.of(link.host4(), link.host6()),
                            Link.PAGE,
                            networks,
                            (network, name) -> told(request.snapshot(), network, name)));
            Signals.leaveInterruptsToTheCommand();
        }
        int exit = inside.run();
        Summary.observed(request.observe(), enforcement.observedNames(target), err);
        Summary.print(enforcement.deniedNames(target), refused(enforcement, target), err);
        return exit;
    }

    private Inside start(Request request, Path directory, String resolvConf, boolean network)
            throws IOException {
        User user = User.of(request.user(), System.getenv("SUDO_USER"));
        return hold(
                Inside.start(
                        directory, resolvConf, request.hidden(), network, user, request.command()));
    }

    /** The command's exit code matters more than what it was refused. */
    private static List<Firewall.Refused> refused(
            Enforcement enforcement, Enforcement.Target target) {
        try {
            return enforcement.refused(target);
        } catch (Firewall.FirewallException e) {
            LOG.warn("what addresses were refused is lost: {}", e.getMessage());
            return List.of();
        }
    }

    private int dnsOnly(Request request, PrintStream err) throws IOException, InterruptedException {
        Inside inside;
        synchronized (this) { // as above
            requireOpen();
            DnsOnly mode = hold(DnsOnly.prepare());
            networks.put(
                    new Networks.Network(
                            NETWORK,
                            List.of(Cidr.parse("127.0.0.0/8")),
                            request.snapshot().policy(),
                            Pinner.WITHOUT_FIREWALL,
                            request.observe()));
            hold(Resolver.start(resolver(request, List.of(mode.address())), networks));
            inside = start(request, mode.directory(), mode.resolvConf(), false);
            Signals.leaveInterruptsToTheCommand();
        }
        int exit = inside.run();
        Summary.observed(request.observe(), networks.observed(NETWORK), err);
        Summary.print(networks.denied(NETWORK), List.of(), err);
        return exit;
    }

    private static Page.Told told(Snapshot snapshot, Binding network, String name) {
        Explanation explanation =
                Explanation.of(
                        snapshot,
                        network.network().policy(),
                        Explanation.name(name),
                        Presets.shipped());
        return new Page.Told(
                explanation.told(network.network().observe()),
                Document.canonical(explanation.document()));
    }

    private static Resolver.Config resolver(Request request, List<InetSocketAddress> listen) {
        return new Resolver.Config(
                listen,
                Lookup.Config.of(Upstreams.Config.of(request.upstreams(), request.forwards())),
                THREADS);
    }

    private static List<InetSocketAddress> listen(Link link) {
        List<InetSocketAddress> listen = new ArrayList<>();
        for (InetAddress address : List.of(link.host4(), link.host6())) {
            listen.add(new InetSocketAddress(address, DNS));
            listen.add(new InetSocketAddress(address, Link.REDIRECTED));
        }
        return listen;
    }

    private static String resolvConf(Link link) {
        return "# Sallyport answers for this sandbox only; names that are not allowed do not exist here.\n"
                + "nameserver "
                + link.host4().getHostAddress()
                + "\n"
                + "nameserver "
                + link.host6().getHostAddress()
                + "\n"
                + "options edns0\n";
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("stopped before the sandbox was made");
        }
    }

    private <T extends AutoCloseable> T hold(T part) {
        undo.push(part);
        return part;
    }

    /** Takes everything down, once, whoever asks. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!undo.isEmpty()) {
            try {
                undo.pop().close();
            } catch (Exception e) {
                LOG.warn("while taking the sandbox down: {}", e.getMessage());
            }
        }
    }
}
