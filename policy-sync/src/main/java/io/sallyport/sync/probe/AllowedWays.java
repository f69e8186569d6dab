package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Probe.Crafted;
import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a name that is allowed can be used for beside its addresses. */
final class AllowedWays {
    private static final int MX = 15;
    private static final int SRV = 33;
    private static final int NULL = 10;
    private static final int SVCB = 64;
    private static final int HTTPS = 65;

    /** What an allowed name carries that is chosen freely by its owner. */
    private static final Set<Integer> FREE = Set.of(NULL, MX, Question.TXT, SRV);

    /** Their hints are addresses that nothing pinned, and their keys hide what is asked for. */
    private static final Set<Integer> HINTS = Set.of(SVCB, HTTPS);

    /**
     * A tunnel's minute in one go: 400 names of 180 octets are a small file. A build asks for fewer
     * names in an hour.
     */
    private static final int TUNNEL_NAMES = 400;

    private static final int TUNNEL_OCTETS = 30;

    /** As many answers as a socket holds while nobody reads them. */
    private static final int TUNNEL_AT_ONCE = 50;

    /** Some may be lost; half of them through is a tunnel. */
    private static final int TUNNEL_OPEN = TUNNEL_NAMES / 2;

    private final Scene scene;
    private final InetSocketAddress resolver;

    private AllowedWays(Scene scene, InetAddress resolver) {
        this.scene = scene;
        this.resolver = new InetSocketAddress(resolver, Asking.PORT);
    }

    static List<Way> list(Scene scene) {
        return of(scene)
                .map(ways ->
                        Stream.of(ways.types(), ways.hints(), ways.rebinding(), ways.foreign()))
                .map(Stream::toList)
                .orElse(List.of());
    }

    /** To be tried when all others are done. */
    static Optional<Way> tunnel(Scene scene) {
        return of(scene).map(AllowedWays::tunnel);
    }

    private static Optional<AllowedWays> of(Scene scene) {
        return scene.surroundings().nameservers().stream()
                .findFirst()
                .map(resolver -> new AllowedWays(scene, resolver));
    }

    private Way types() {
        return needing(
                "dns-allowed-types",
                "the allowed name TXT NULL MX SRV",
                scene.settings().allowed(),
                "--allowed",
                name -> asked(name, FREE, reply -> reply.judgeTypes(FREE)));
    }

    private Way hints() {
        return needing(
                "dns-service-hints",
                "the allowed name HTTPS SVCB",
                scene.settings().allowed(),
                "--allowed",
                name -> asked(name, HINTS, reply -> reply.judgeTypes(HINTS)));
    }

    private Way rebinding() {
        Crafted crafted = scene.settings().crafted();
        return needing(
                "dns-rebinding",
                "allowed names with private addresses: " + String.join(" ", crafted.rebinding()),
                crafted.rebinding().isEmpty() ? Optional.empty() : Optional.of("all"),
                "--rebinding",
                all -> {
                    List<byte[]> queries =
                            crafted.rebinding().stream()
                                    .flatMap(name ->
                                            Stream.of(Question.A, Question.AAAA)
                                                    .map(type -> Question.ordinary(name, type)))
                                    .toList();
                    return () ->
                            Asking.datagrams(
                                    resolver, queries, scene.timeout(), Reply::judgeAddresses);
                });
    }

    private Way foreign() {
        return needing(
                "dns-foreign-records",
                "an allowed name whose server adds addresses of another",
                scene.settings().crafted().foreign(),
                "--foreign",
                name -> asked(name, Set.of(Question.A), reply -> reply.judgeOwners(name)));
    }

    private Way tunnel() {
        return needing(
                "dns-tunnel-allowed",
                TUNNEL_NAMES
                        + " names of "
                        + 3 * 2 * TUNNEL_OCTETS
                        + " octets below an allowed wildcard",
                scene.settings().crafted().wildcard(),
                "--wildcard",
                name ->
                        () -> {
                            long through = through(name);
                            String seen = through + " of " + TUNNEL_NAMES + " were answered";
                            return through >= TUNNEL_OPEN ? Seen.open(seen) : Seen.blocked(seen);
                        });
    }

    /** How many were answered until the flow ended. */
    private long through(String below) throws IOException {
        long through = 0;
        for (int sent = 0; sent < TUNNEL_NAMES; sent += TUNNEL_AT_ONCE) {
            List<byte[]> queries = new ArrayList<>();
            for (int i = 0; i < TUNNEL_AT_ONCE; i++) {
                queries.add(data(below));
            }
            long answered =
                    Asking.exchange(resolver, queries, scene.timeout()).stream()
                            .flatMap(Optional::stream)
                            .filter(reply -> reply.rcode() == 0 && !reply.owners().isEmpty())
                            .count();
            through += answered;
            if (answered < TUNNEL_AT_ONCE / 2) {
                return through;
            }
        }
        return through;
    }

    private static byte[] data(String below) {
        SecureRandom random = new SecureRandom();
        List<byte[]> labels = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            byte[] noise = new byte[TUNNEL_OCTETS];
            random.nextBytes(noise);
            labels.add(HexFormat.of().formatHex(noise).getBytes(StandardCharsets.US_ASCII));
        }
        labels.addAll(Question.labels(below));
        return Question.of(Question.ORDINARY, labels, Question.A, Question.INTERNET);
    }

    private Way.Trial asked(String name, Set<Integer> types, Function<Reply, Seen> judge) {
        List<byte[]> queries =
                types.stream().sorted().map(type -> Question.ordinary(name, type)).toList();
        return () -> Asking.datagrams(resolver, queries, scene.timeout(), judge);
    }

    private static Way needing(
            String way,
            String tried,
            Optional<String> name,
            String option,
            Function<String, Way.Trial> trial) {
        return new Way(
                way,
                tried,
                name.map(trial).orElse(() -> Seen.unknown("not tried: needs " + option)));
    }
}
