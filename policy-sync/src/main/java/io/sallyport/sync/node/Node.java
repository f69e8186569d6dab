package io.sallyport.sync.node;

import com.google.common.net.InetAddresses;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.Resolver;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.lookup.Lookup;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.querylog.QueryLog;
import io.sallyport.resolver.upstream.Upstreams;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.resolver.validate.Validator;
import io.sallyport.sync.api.NodeApi;
import io.sallyport.sync.cni.Cni;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.event.EventLog;
import io.sallyport.sync.handover.Turn;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.page.Page;
import io.sallyport.sync.pods.Pods;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.report.Reports;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running node. Closing it stops answering and leaves rules and pins in force. */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final int DNS = 53;

    /**
     * What one node needs to know.
     *
     * @param data where it keeps its things
     * @param dns4 the resolver's own address, put on the loopback interface
     * @param dns6 likewise, IPv6
     * @param http where metrics and health are served
     * @param upstreams servers that recurse for us
     * @param forwards domains with servers of their own
     * @param sandboxInterfaces names or patterns of interfaces that are never open without a
     *     session
     * @param cacheBytes bound of the resolver's cache
     * @param serveStale whether an answer may be told after its time, when the upstreams fail
     * @param validation whether signatures are looked at here, and whose are trusted
     * @param threads event loops, 0 sizes them from the machine
     * @param limits what each network may spend
     * @param cni where container runtimes call; empty: nowhere
     * @param queryLog what is written down of queries; empty for nothing
     * @param kubernetes the cluster whose pods it guards; empty: there is none
     */
    public record Config(
            DataDirectory data,
            Inet4Address dns4,
            Inet6Address dns6,
            InetSocketAddress http,
            List<Endpoint> upstreams,
            List<Forward> forwards,
            List<String> sandboxInterfaces,
            long cacheBytes,
            boolean serveStale,
            Optional<Validator.Config> validation,
            int threads,
            Limits limits,
            Optional<Cni.Config> cni,
            Optional<QueryLog.Config> queryLog,
            Optional<Pods.Config> kubernetes) {

        public Config {
            upstreams = List.copyOf(upstreams);
            forwards = List.copyOf(forwards);
            sandboxInterfaces = List.copyOf(sandboxInterfaces);
        }

        Standing standing() {
            return new Standing(dns4, dns6, sandboxInterfaces);
        }

        /** What containers are told to ask. */
        List<String> nameServers() {
            return List.of(InetAddresses.toAddrString(dns4), InetAddresses.toAddrString(dns6));
        }

        /**
         * How its resolver answers.
         *
         * @throws IllegalArgumentException if it cannot, such as with itself as an upstream
         */
        public Resolver.Config resolver() {
            List<InetSocketAddress> listen = new ArrayList<>();
            for (InetAddress address : List.of(dns4, dns6)) {
                listen.add(new InetSocketAddress(address, DNS));
                listen.add(new InetSocketAddress(address, Standing.REDIRECTED));
            }
            return new Resolver.Config(
                    listen,
                    new Lookup.Config(
                            Upstreams.Config.of(upstreams, forwards),
                            cacheBytes,
                            serveStale,
                            validation),
                    threads,
                    queryLog);
        }
    }

    /** What else this process does, that another one does after a handover. */
    public interface Beside {
        /** Nothing else. */
        Beside NOTHING =
                new Beside() {
                    @Override
                    public void rest() {}

                    @Override
                    public void resume() {}
                };

        /** Gives its ports back. */
        void rest() throws IOException;

        /** After {@link #rest}: nobody else wants them. */
        void resume() throws IOException;
    }

    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Sessions.Restored restored;
    private final Resolver resolver;

    /**
     * What a node works with, that takes its time to open.
     *
     * @param source where its policies come from
     * @param control whom it reports to; closed with the node
     */
    public record Around(PolicySource source, Optional<Reports.Control> control, Beside beside) {}

    /**
     * Opens what a node works with, once it answers for the sessions of an earlier run, on a thread
     * of its own; also where the start then fails.
     */
    @FunctionalInterface
    public interface Opening {
        /**
         * @throws IOException if it cannot be opened; the message says what to change
         */
        Around open() throws IOException;
    }

    private Node(Config config, Opening opening, Turn turn, Runnable left) throws IOException {
        Firewall firewall = hold(Firewall.prepare(config.standing().installation(config.data())));
        try {
            if (!turn.isOverlapping()) { // else the one before may have to go on
                config.standing().keep(config.data().lastStart());
            }
            Ahead ahead = hold(new Ahead(opening));
            EventLog events = hold(EventLog.open(config.data().events()));
            Networks networks = new Networks(config.limits(), events);
            Pulls pulls = new Pulls();
            Sessions sessions =
                    new Sessions(
                            pulls,
                            Journal.open(config.data().journal()),
                            new Enforcement(networks, firewall),
                            Clock.systemUTC());
            Set<String> closed = sessions.answer(Emergencies.load(config.data().emergency()));
            if (!firewall.leftSets()) {
                ahead.begin();
                firewall.begin(closed); // nobody can be answered before
            }
            Host.addAddress("lo", config.dns4(), 32);
            Host.addAddress("lo", config.dns6(), 128);
            // Nobody else answers: that comes before all that takes time.
            boolean alone = !turn.isOverlapping();
            Optional<Resolver> first =
                    alone ? Optional.of(answer(config, networks, turn)) : Optional.empty();
            ahead.begin();
            firewall.begin(closed);
            this.restored = sessions.restore();
            Around around = ahead.await();
            pulls.from(around.source());
            Sessions.Kept kept = hold(sessions.keep(network -> expired(events, network)));
            Reconciler reconciler = hold(Reconciler.start(firewall, events));
            this.resolver = first.isPresent() ? first.get() : answer(config, networks, turn);
            Page page =
                    hold(
                            Page.start(
                                    List.of(config.dns4(), config.dns6()),
                                    Standing.PAGE,
                                    turn.isOverlapping(),
                                    networks,
                                    new Explainer(sessions, Presets.shipped())));
            Telling telling =
                    hold(
                            new Telling(
                                    turn,
                                    around.control(),
                                    to -> Reports.start(to, sessions, config.data().emergency())));
            Readiness readiness = new Readiness(reconciler, resolver);
            Optional<Kubernetes> kubernetes =
                    config.kubernetes().isPresent()
                            ? Optional.of(
                                    hold(
                                            Kubernetes.start(
                                                    config.kubernetes().get(),
                                                    sessions,
                                                    events,
                                                    () -> unfit(readiness, config.cni()))))
                            : Optional.empty();
            Optional<Cni> cni =
                    config.cni()
                            .map(where ->
                                    new Cni(
                                            where,
                                            sessions,
                                            kubernetes
                                                    .map(Kubernetes::birth)
                                                    .orElse(Cni.Birth.PENDING),
                                            new Fitness(readiness, firewall),
                                            config.nameServers()));
            List<Office.Door> doors = new ArrayList<>();
            doors.add(() ->
                    NodeApi.start(
                            new NodeApi.Config(config.data(), config.http()),
                            sessions,
                            resolver,
                            firewall,
                            readiness,
                            () -> counters(pulls, telling, cni, kubernetes)));
            cni.ifPresent(each -> doors.add(each::open));
            Office office = hold(new Office(doors));
            config.standing().keep(config.data().lastStart());
            // All that could go wrong went well: the one before may end.
            turn.serving();
            turn.listening();
            kubernetes.ifPresent(Kubernetes::resume);
            hold(
                    turn.handOver(
                            new Leaving(
                                    turn,
                                    office,
                                    telling,
                                    kept,
                                    reconciler,
                                    kubernetes,
                                    around.beside(),
                                    resolver,
                                    page,
                                    left)));
        } catch (IOException | RuntimeException e) {
            // Whatever else is wrong with this host, no sandbox that was known has a way out by it.
            Standing.close(config.data(), firewall);
            close();
            throw e;
        }
    }

    /**
     * For a node that cannot start because of what it was told: closes, as its last start would,
     * the interfaces that its journal knows and those that are never open without a session. What
     * is in force stays. Does nothing where another process is the node, or none ever started; why
     * it could not is logged.
     */
    public static void secure(DataDirectory data) {
        if (!Files.exists(data.lastStart())) {
            return;
        }
        try (Turn _ = Turn.now(data)) {
            Optional<Standing> last = Standing.read(data.lastStart());
            if (last.isPresent()) {
                try (Firewall firewall = Firewall.prepare(last.get().installation(data))) {
                    Standing.close(data, firewall);
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("nothing was closed: {}", e.getMessage());
        }
    }

    /**
     * Starts a node and restores what its journal holds.
     *
     * @param turn stays the caller's, to be closed after the node
     * @param left called when another process has taken over and this one is to end
     * @throws IOException if something it needs is not there; the message says what to change
     */
    public static Node start(Config config, Opening opening, Turn turn, Runnable left)
            throws IOException {
        return new Node(config, opening, turn, left);
    }

    /**
     * Takes everything of this installation off the host: rules, sets and addresses. No node may be
     * running.
     */
    public static void uninstall(Config config) throws IOException {
        try (Turn _ = Turn.now(config.data())) {
            Firewall firewall = Firewall.open(config.standing().installation(config.data()));
            firewall.uninstall();
            Files.deleteIfExists(config.data().lastStart()); // nothing is to be closed again
            Host.removeAddress("lo", config.dns4(), 32);
            Host.removeAddress("lo", config.dns6(), 128);
        }
    }

    public Sessions.Restored restored() {
        return restored;
    }

    /** Whether it gets to do its work. */
    public boolean isAlive() {
        return resolver.isAlive();
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                LOG.warn("while stopping: {}", e.getMessage());
            }
        }
    }

    private Resolver answer(Config config, Networks networks, Turn turn) throws IOException {
        Resolver started = hold(Resolver.start(config.resolver(), networks, turn.sockets()));
        started.greetUpstreams();
        return started;
    }

    /** Why no sandbox should come: a runtime that does not call starts it without its session. */
    private static List<String> unfit(Readiness readiness, Optional<Cni.Config> cni) {
        List<String> faults = new ArrayList<>(readiness.faults());
        cni.ifPresent(where -> faults.addAll(where.faults()));
        return faults;
    }

    private static Map<String, Long> counters(
            Pulls pulls, Telling telling, Optional<Cni> cni, Optional<Kubernetes> kubernetes) {
        Map<String, Long> counters = new TreeMap<>(pulls.counters());
        counters.putAll(telling.counters());
        cni.ifPresent(each -> counters.putAll(each.counters()));
        kubernetes.ifPresent(each -> counters.putAll(each.counters()));
        return counters;
    }

    private static void expired(EventLog events, Network network) {
        Session session = network.session();
        if (session != null) {
            events.leaseExpired(network.id(), session.id(), session.org());
        }
    }

    private <T extends AutoCloseable> T hold(T part) {
        running.push(part);
        return part;
    }
}
