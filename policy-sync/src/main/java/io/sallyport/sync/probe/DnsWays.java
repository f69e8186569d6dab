package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The denied name at the resolver in every form, and at servers that are not the resolver. Records
 * are the evidence.
 */
final class DnsWays {
    private static final int CLASS_CHAOS = 3;
    private static final int CLASS_HESIOD = 4;
    private static final int CLASS_NONE = 254;
    private static final int CLASS_ANY = 255;
    private static final int CLIENT_SUBNET = 8;

    /** NS CNAME SOA NULL PTR HINFO MX TXT SRV NAPTR DS DNSKEY SVCB HTTPS ANY CAA. */
    private static final List<Integer> OTHER_TYPES =
            List.of(2, 5, 6, 10, 12, 13, 15, Question.TXT, 33, 35, 43, 48, 64, 65, 255, 257);

    /**
     * Names of servers that speak DNS inside HTTPS, and the name by which browsers learn whether to
     * use them.
     */
    private static final List<String> ENCRYPTED_RESOLVERS =
            List.of(
                    "dns.google",
                    "cloudflare-dns.com",
                    "mozilla.cloudflare-dns.com",
                    "dns.quad9.net",
                    "doh.opendns.com",
                    "dns.nextdns.io",
                    "use-application-dns.net");

    /** What leads to the host or the cluster where a resolver answers for those too. */
    private static final List<String> INTERNAL =
            List.of(
                    "host.docker.internal",
                    "gateway.docker.internal",
                    "host.containers.internal",
                    "kubernetes.default.svc.cluster.local");

    private static final int OTHER_SERVERS_EACH = 2;

    private final Scene scene;
    private final String denied;
    private final List<byte[]> labels;
    private final List<Way> ways = new ArrayList<>();

    private DnsWays(Scene scene) {
        this.scene = scene;
        this.denied = scene.settings().denied();
        this.labels = Question.labels(denied);
    }

    static List<Way> list(Scene scene) {
        DnsWays dns = new DnsWays(scene);
        scene.surroundings().nameservers().stream()
                .findFirst()
                .map(address -> new InetSocketAddress(address, Asking.PORT))
                .ifPresent(resolver -> {
                    dns.plain(resolver);
                    dns.oddNames(resolver);
                    dns.nearNames(resolver);
                    dns.oddMessages(resolver);
                    dns.otherNames(resolver);
                });
        dns.otherServers();
        return dns.ways;
    }

    private void plain(InetSocketAddress resolver) {
        byte[] query = Question.ordinary(denied, Question.A);
        ask(
                resolver,
                "dns-denied-udp",
                denied + " A AAAA",
                List.of(query, Question.ordinary(denied, Question.AAAA)));
        ways.add(
                new Way(
                        "dns-denied-tcp",
                        denied + " A over TCP",
                        () -> Asking.stream(resolver, query, scene.timeout())));
        ask(
                resolver,
                "dns-other-types",
                denied + " TXT NULL MX SRV DS HTTPS ANY …",
                OTHER_TYPES.stream().map(type -> Question.ordinary(denied, type)).toList());
        ask(
                resolver,
                "dns-other-classes",
                denied + " in CHAOS, HESIOD, NONE, ANY",
                Stream.of(CLASS_CHAOS, CLASS_HESIOD, CLASS_NONE, CLASS_ANY)
                        .map(dnsClass ->
                                Question.of(Question.ORDINARY, labels, Question.TXT, dnsClass))
                        .toList());
        ways.add(
                new Way(
                        "dns-zone-transfer",
                        denied + " AXFR over TCP",
                        () ->
                                Asking.stream(
                                        resolver,
                                        Question.ordinary(denied, Question.AXFR),
                                        scene.timeout())));
    }

    private void oddNames(InetSocketAddress resolver) {
        ask(
                resolver,
                "dns-upper-case",
                "the denied name in capitals",
                List.of(Question.ordinary(denied.toUpperCase(Locale.ROOT), Question.A)));
        // As text this ends in an allowed name, on the wire it is one label of a top-level domain.
        List<byte[]> allowed = Question.labels(scene.settings().allowed().orElse(denied));
        byte[] dotted =
                (denied + "." + text(allowed.subList(0, allowed.size() - 1)))
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] cut = Arrays.copyOfRange(dotted, Math.max(0, dotted.length - 63), dotted.length);
        ask(
                resolver,
                "dns-dot-in-label",
                "a label with dots in it",
                List.of(query(List.of(cut, allowed.getLast()))));
        // The way round: a denied name that a C string ends before.
        List<byte[]> nul = new ArrayList<>(allowed);
        nul.set(nul.size() - 1, Question.join(allowed.getLast(), new byte[] {0}));
        nul.addAll(labels);
        ask(
                resolver,
                "dns-nul-in-label",
                "a name that a zero octet cuts to an allowed one",
                List.of(query(nul)));
        byte[] noise = new byte[30];
        new SecureRandom().nextBytes(noise);
        byte[] data = HexFormat.of().formatHex(noise).getBytes(StandardCharsets.US_ASCII);
        List<byte[]> tunnel = new ArrayList<>(List.of(data, data));
        tunnel.addAll(labels);
        ask(
                resolver,
                "dns-tunnel",
                "data as labels below the denied name, A and TXT",
                List.of(
                        query(tunnel),
                        Question.of(Question.ORDINARY, tunnel, Question.TXT, Question.INTERNET)));
    }

    /** What a filter takes for an allowed name that compares text, or the wrong end of it. */
    private void nearNames(InetSocketAddress resolver) {
        List<byte[]> allowed = Question.labels(scene.settings().allowed().orElse("localhost"));
        List<byte[]> behind = new ArrayList<>(allowed);
        behind.addAll(labels);
        List<byte[]> glued = new ArrayList<>(allowed);
        glued.set(
                glued.size() > 1 ? glued.size() - 2 : 0,
                Question.join(
                        "not".getBytes(StandardCharsets.US_ASCII),
                        glued.get(glued.size() > 1 ? glued.size() - 2 : 0)));
        List<byte[]> parent = glued.subList(Math.max(0, glued.size() - 2), glued.size());
        ask(
                resolver,
                "dns-near-names",
                "the allowed name as a part: NAME." + denied + ", notNAME",
                List.of(query(behind), query(glued), query(parent)));
        byte[] much = "a".repeat(64).getBytes(StandardCharsets.US_ASCII);
        List<byte[]> longest = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            longest.add(Arrays.copyOf(much, 63));
        }
        longest.addAll(allowed);
        ask(
                resolver,
                "dns-long-names",
                "a label of 64 octets, a name of more than 255, before an allowed one",
                List.of(query(before(much, allowed)), query(longest)));
    }

    private static List<byte[]> before(byte[] label, List<byte[]> labels) {
        List<byte[]> whole = new ArrayList<>(List.of(label));
        whole.addAll(labels);
        return whole;
    }

    private void oddMessages(InetSocketAddress resolver) {
        byte[] plain = query(labels);
        byte[] question = Question.question(labels, Question.A, Question.INTERNET);
        byte[] allowed =
                Question.question(
                        Question.labels(scene.settings().allowed().orElse("localhost")),
                        Question.A,
                        Question.INTERNET);
        ask(
                resolver,
                "dns-two-questions",
                "an allowed and the denied name in one message",
                List.of(
                        Question.message(Question.ORDINARY, 2, 0, Question.join(allowed, question)),
                        Question.message(
                                Question.ORDINARY, 2, 0, Question.join(question, allowed))),
                reply -> reply.judge(denied));
        ask(
                resolver,
                "dns-trailing-octets",
                "the denied name and octets behind",
                List.of(
                        Question.join(plain, new byte[] {1, 2, 3, 4, 5, 6, 7}),
                        Question.join(
                                Question.message(Question.ORDINARY, 1, 0, allowed), question)),
                reply -> reply.judge(denied));
        // The name stands behind the question and a pointer (RFC 1035 §4.1.4) leads to it: offset
        // 12 + 2 + 4.
        byte[] pointer = {(byte) 0xc0, 18, 0, 1, 0, 1};
        byte[] loop = {(byte) 0xc0, 12, 0, 1, 0, 1};
        ask(
                resolver,
                "dns-pointers",
                "the question's name by a pointer, and a pointer to itself",
                List.of(
                        Question.message(Question.ORDINARY, 1, 0, Question.join(pointer, question)),
                        Question.message(Question.ORDINARY, 1, 0, loop)));
        ask(
                resolver,
                "dns-flags",
                "no recursion, checking disabled, answer bit, all bits",
                IntStream.of(0, 0x0130, 0x8100, 0x07f0)
                        .mapToObj(
                                flags -> Question.of(flags, labels, Question.A, Question.INTERNET))
                        .toList());
        ask(
                resolver,
                "dns-opcodes",
                "inverse query, status, notify, update",
                IntStream.of(1, 2, 4, 5)
                        .mapToObj(opcode ->
                                Question.of(
                                        opcode << 11 | 0x0100,
                                        labels,
                                        Question.A,
                                        Question.INTERNET))
                        .toList());
        ask(
                resolver,
                "dns-edns",
                "client subnet, version 1, a private option",
                List.of(
                        Question.withOpt(
                                plain,
                                Question.opt(0, CLIENT_SUBNET, new byte[] {0, 1, 24, 0, 8, 8, 8})),
                        Question.withOpt(plain, Question.opt(1, CLIENT_SUBNET)),
                        Question.withOpt(plain, Question.opt(0, 65_001, new byte[16]))));
    }

    private void otherNames(InetSocketAddress resolver) {
        ask(
                resolver,
                "dns-encrypted-resolvers",
                String.join(" ", ENCRYPTED_RESOLVERS),
                ENCRYPTED_RESOLVERS.stream()
                        .map(name -> Question.ordinary(name, Question.A))
                        .toList());
        ask(
                resolver,
                "dns-metadata-name",
                "metadata.google.internal, instance-data",
                List.of(
                        Question.ordinary("metadata.google.internal", Question.A),
                        Question.ordinary("instance-data", Question.A)));
        ask(
                resolver,
                "dns-internal-names",
                String.join(" ", INTERNAL),
                INTERNAL.stream().map(name -> Question.ordinary(name, Question.A)).toList());
        List<String> search = scene.surroundings().search();
        if (!search.isEmpty()) {
            ask(
                    resolver,
                    "dns-search-domains",
                    denied + " below " + String.join(" ", search),
                    search.stream()
                            .map(domain -> Question.ordinary(denied + "." + domain, Question.A))
                            .toList());
        }
    }

    private void otherServers() {
        SequencedSet<InetAddress> servers = new LinkedHashSet<>();
        for (boolean six : new boolean[] {false, true}) {
            TcpWays.publicResolvers(six).stream().limit(OTHER_SERVERS_EACH).forEach(servers::add);
            scene.target(six).ifPresent(servers::add);
            Scene.of(scene.pinned(), six).stream().findFirst().ifPresent(servers::add);
        }
        servers.addAll(scene.surroundings().gateways());
        scene.surroundings().nameservers().forEach(servers::remove);
        byte[] query = Question.ordinary(denied, Question.A);
        for (InetAddress address : servers) {
            InetSocketAddress server = new InetSocketAddress(address, Asking.PORT);
            ask(
                    server,
                    "dns-udp-to-" + Streams.text(address),
                    denied + " at " + Streams.text(server),
                    List.of(query));
            ways.add(
                    new Way(
                            "dns-tcp-to-" + Streams.text(address),
                            denied + " at " + Streams.text(server) + " over TCP",
                            () -> Asking.stream(server, query, scene.timeout())));
        }
    }

    private void ask(InetSocketAddress server, String name, String tried, List<byte[]> queries) {
        ask(server, name, tried, queries, Reply::judge);
    }

    private void ask(
            InetSocketAddress server,
            String name,
            String tried,
            List<byte[]> queries,
            Function<Reply, Seen> judge) {
        ways.add(
                new Way(
                        name,
                        tried,
                        () -> {
                            try {
                                return Asking.datagrams(server, queries, scene.timeout(), judge);
                            } catch (SocketException e) {
                                return Seen.blocked(Streams.reason(e));
                            }
                        }));
    }

    private static byte[] query(List<byte[]> labels) {
        return Question.of(Question.ORDINARY, labels, Question.A, Question.INTERNET);
    }

    private static String text(List<byte[]> labels) {
        return String.join(
                ".",
                labels.stream()
                        .map(label -> new String(label, StandardCharsets.US_ASCII))
                        .toList());
    }
}
