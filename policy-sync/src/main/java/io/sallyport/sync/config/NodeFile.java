package io.sallyport.sync.config;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.querylog.QueryLog;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.forward.Forward;
import io.sallyport.resolver.validate.Validator;
import io.sallyport.sync.admission.Admission;
import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.report.Reports;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a configuration file says; what it leaves out has its default.
 *
 * @param dns4 the resolver's own IPv4 address
 * @param dns6 the resolver's own IPv6 address
 * @param http where metrics and health are served
 * @param upstreams servers that recurse for us; empty: those of the host
 * @param forwards domains with servers of their own
 * @param policyFile orgs and their settings; empty: the installation's own store
 * @param controlServer whom the node asks for policies and reports to; empty: nobody
 * @param sandboxInterfaces names or patterns of interfaces that are never open without a session
 * @param cacheBytes bound of the resolver's cache
 * @param serveStale whether an answer may be told after its time, when the upstreams fail
 * @param validation whether signatures are looked at here, and whose are trusted
 * @param threads event loops; 0 sizes them from the machine
 * @param limits what each network may spend
 * @param queryLog what is written down of queries; empty for nothing
 * @param kubernetes the cluster whose pods this node guards; empty: there is none
 * @param cniSocket where the CNI plugin calls; empty: nowhere
 * @param control what the control server needs to know
 */
public record NodeFile(
        Inet4Address dns4,
        Inet6Address dns6,
        InetSocketAddress http,
        List<Endpoint> upstreams,
        List<Forward> forwards,
        Optional<Path> policyFile,
        Optional<ControlServer> controlServer,
        List<String> sandboxInterfaces,
        long cacheBytes,
        boolean serveStale,
        Optional<Validator.Config> validation,
        int threads,
        Limits limits,
        Optional<QueryLog.Config> queryLog,
        Optional<Kubernetes> kubernetes,
        Optional<Path> cniSocket,
        Control control) {

    /**
     * What the control server needs to know.
     *
     * @param listen where it is reached
     * @param metrics where its metrics are served
     * @param store a database server; empty for the installation's own file
     * @param signIn how people get into the console
     * @param limits what callers may spend
     * @param webhook what is done to pods of a cluster; empty: it is not served
     */
    public record Control(
            InetSocketAddress listen,
            InetSocketAddress metrics,
            Optional<Tls> tls,
            Optional<Database.Server> store,
            SignIn.Config signIn,
            io.sallyport.sync.control.Control.Limits limits,
            Optional<Admission.Config> webhook) {}

    /**
     * A node of a Kubernetes cluster.
     *
     * @param api empty: as a pod of the cluster finds it
     * @param node what the cluster calls this node; empty: by its environment or its host's name
     * @param keys where pods say whose they are
     * @param taint whether sandboxes are kept away while it is not ready
     */
    public record Kubernetes(
            Optional<Uplink.Config> api, Optional<String> node, Claim.Keys keys, boolean taint) {
        public static final Kubernetes DEFAULT =
                new Kubernetes(Optional.empty(), Optional.empty(), Claim.Keys.DEFAULT, true);
    }

    /** PEM files: a certificate chain, and its key without a password. */
    public record Tls(Path certificate, Path key) {}

    /**
     * A control server as a node has it.
     *
     * @param node what this node is called there; empty: by its host's name
     */
    public record ControlServer(Uplink.Config uplink, Optional<String> node) {}

    /** Link-local: no route leads there from outside, and no network of a customer has it. */
    private static final String DNS4 = "169.254.53.53";

    private static final String DNS6 = "fd00:53::53";

    /** The port that DNS servers' metrics are customarily scraped at. */
    private static final InetSocketAddress HTTP =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9153);

    private static final long MIB = 1 << 20;

    /** Some 200,000 answers. */
    private static final long CACHE_MIB = 64;

    private static final long MAX_CACHE_MIB = 64 * 1024;
    private static final int MAX_THREADS = 256;
    private static final int MAX_PORT = 65_535;
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9._-]{1,14}[A-Za-z0-9._+-]");

    public NodeFile {
        upstreams = List.copyOf(upstreams);
        forwards = List.copyOf(forwards);
        sandboxInterfaces = List.copyOf(sandboxInterfaces);
    }

    /** What holds without a file. */
    public static NodeFile defaults() {
        return read(Document.yaml("{}"));
    }

    /**
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException with the line and the key that is wrong
     */
    public static NodeFile read(Path file) throws IOException {
        String text = Files.readString(file);
        try {
            return read(Document.yaml(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static NodeFile read(Document document) {
        Document.Fields fields = document.fields();
        NodeFile file =
                new NodeFile(
                        fields.optional("dns-address")
                                .map(value -> value.textAs(NodeFile::dns4))
                                .orElseGet(() -> dns4(DNS4)),
                        fields.optional("dns-address-ipv6")
                                .map(value -> value.textAs(NodeFile::dns6))
                                .orElseGet(() -> dns6(DNS6)),
                        fields.optional("node-listen")
                                .map(value -> value.textAs(NodeFile::listen))
                                .orElse(HTTP),
                        fields.list("upstreams", value -> value.textAs(Endpoint::parse)),
                        fields.list("forward", value -> value.textAs(Forward::parse)),
                        fields.optional("policy-file").map(value -> Path.of(value.text())),
                        fields.optional("control-server").map(NodeFile::controlServer),
                        fields.list(
                                "sandbox-interfaces",
                                value -> value.textAs(NodeFile::interfacePattern)),
                        fields.optional("cache-mib")
                                        .map(value -> value.number(1, MAX_CACHE_MIB))
                                        .orElse(CACHE_MIB)
                                * MIB,
                        fields.optional("serve-stale").map(Document::flag).orElse(true),
                        validation(fields),
                        fields.optional("threads")
                                .map(value -> (int) value.number(0, MAX_THREADS))
                                .orElse(0),
                        fields.optional("limits").map(NodeFile::limits).orElse(Limits.DEFAULT),
                        queryLog(fields),
                        fields.optional("kubernetes").map(KubernetesKeys::read),
                        fields.optional("cni-socket").map(value -> Path.of(value.text())),
                        ControlKeys.read(fields));
        fields.end();
        return file;
    }

    /** Off by default: an upstream that validates does the same work once for all its clients. */
    private static Optional<Validator.Config> validation(Document.Fields fields) {
        boolean validate = fields.optional("dnssec").map(NodeFile::isValidate).orElse(false);
        Optional<Document> anchors = fields.optional("trust-anchor");
        List<WireName> negative =
                fields.list(
                        "negative-trust-anchors", value -> value.textAs(NodeFile::negativeAnchor));
        if (validate) {
            return Optional.of(
                    new Validator.Config(anchors.map(value -> Path.of(value.text())), negative));
        }
        if (anchors.isPresent() || !negative.isEmpty()) {
            throw new IllegalArgumentException(
                    "trust-anchor and negative-trust-anchors say nothing without dnssec: validate");
        }
        return Optional.empty();
    }

    private static ControlServer controlServer(Document document) {
        Document.Fields fields = document.fields();
        Document url = fields.required("url");
        Path token = Path.of(fields.required("token-file").text());
        Optional<Path> ca = fields.optional("ca-file").map(value -> Path.of(value.text()));
        Optional<String> node =
                fields.optional("node-name").map(value -> value.textAs(Reports::node));
        fields.end();
        return new ControlServer(url.textAs(text -> Uplink.Config.of(text, token, ca)), node);
    }

    private static boolean isValidate(Document value) {
        return switch (value.text()) {
            case "validate" -> true;
            case "pass" -> false;
            default -> throw value.error("must be pass or validate");
        };
    }

    private static WireName negativeAnchor(String text) {
        WireName name = WireName.parse(text);
        if (name.equals(WireName.ROOT)) {
            throw new IllegalArgumentException(
                    "the root as a negative trust anchor means dnssec: pass; say that instead");
        }
        return name;
    }

    private static Limits limits(Document document) {
        Document.Fields fields = document.fields();
        Limits limits = Limits.DEFAULT;
        for (Limit limit : Limit.values()) {
            Optional<Document> value = fields.optional(limit.key());
            if (value.isPresent()) {
                limits = limits.with(limit, (int) value.get().number(0, Limits.MOST));
            }
        }
        fields.end();
        return limits;
    }

    /** The resolver's IPv4 address, from a file or an option. */
    public static Inet4Address dns4(String text) {
        if (InetAddress.ofLiteral(literal(text)) instanceof Inet4Address address) {
            return address;
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" should be an IPv4 address such as " + DNS4);
    }

    /** The resolver's IPv6 address, from a file or an option. */
    public static Inet6Address dns6(String text) {
        if (InetAddress.ofLiteral(literal(text)) instanceof Inet6Address address) {
            return address;
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" should be an IPv6 address such as " + DNS6);
    }

    private static Optional<QueryLog.Config> queryLog(Document.Fields fields) {
        Optional<Document> place = fields.optional("query-log");
        Optional<Document> mode = fields.optional("query-log-mode");
        if (place.isEmpty() && mode.isPresent()) {
            throw new IllegalArgumentException("query-log-mode says nothing without query-log");
        }
        return place.map(file ->
                file.textAs(text ->
                        QueryLog.Config.parse(
                                text, mode.map(Document::text).orElse(QueryLog.Config.USUAL))));
    }

    /** An address with a port: {@code 127.0.0.1:9153}, {@code [::1]:9153}. */
    public static InetSocketAddress listen(String text) {
        String host = text;
        int port = -1;
        int colon = text.lastIndexOf(':');
        boolean bareIpv6 = !text.startsWith("[") && text.indexOf(':') != colon;
        if (colon > text.lastIndexOf(']') && !bareIpv6) {
            host = text.substring(0, colon);
            port = port(text, text.substring(colon + 1));
        }
        if (port < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" needs a port, as in 127.0.0.1:9153");
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new InetSocketAddress(InetAddress.ofLiteral(literal(host)), port);
    }

    private static int port(String text, String digits) {
        int port = digits.matches("\\d{1,5}") ? Integer.parseInt(digits) : MAX_PORT + 1;
        if (port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "\"" + digits + "\" in \"" + text + "\" is not a port of 0 to 65535");
        }
        return port;
    }

    private static String literal(String text) {
        Cidr.address(text);
        return text;
    }

    /** A name of an interface, or its beginning with a plus sign, as iptables takes it. */
    public static String interfacePattern(String text) {
        if (!INTERFACE.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\""
                            + text
                            + "\" should be an interface's name, up to 15 characters, or its beginning and a + sign");
        }
        return text;
    }
}
