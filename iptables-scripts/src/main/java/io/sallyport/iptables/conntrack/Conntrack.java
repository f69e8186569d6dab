package io.sallyport.iptables.conntrack;

import io.sallyport.iptables.attribute.Attributes;
import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.netlink.Netlink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The kernel's table of tracked flows. Each call uses a socket of its own: a dump must not hold up
 * a pin.
 */
public final class Conntrack {

    private static final int CT_GET = 1 << 8 | 1;
    private static final int CT_DELETE = 1 << 8 | 2;
    private static final int CT_STATISTICS = 1 << 8 | 5;
    private static final int STATISTICS_ENTRIES = 1;
    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_REPLY = 2;
    private static final int ID = 12;
    private static final int ZONE = 18;
    private static final int TUPLE_IP = 1;
    private static final int V4_SOURCE = 1;
    private static final int V6_SOURCE = 3;
    private static final int V4_DESTINATION = 2;
    private static final int V6_DESTINATION = 4;
    private static final int FILTER = 25;
    private static final int FILTER_ORIGINAL = 1;
    private static final int FILTER_REPLY = 2;
    private static final int BY_SOURCE = 1;
    private static final int ENOENT = 2;

    /**
     * A walk through the kernel's usual table takes 8 ms of CPU even when it is empty, and 2 µs for
     * each flow that it tells of. From so many flows on, the kernel looks for a few addresses
     * itself, in two walks for each, and tells of no other flow.
     */
    private static final int MANY_FLOWS = 20_000;

    private static final int FEW_ADDRESSES = 4;

    /** A dump may miss an entry while the kernel's table is resized; a second look finds it. */
    private static final int LOOKS = 3;

    private record Flow(int family, ByteBuffer name) {}

    /** Who opened a flow and where to. */
    public record Between(List<Block> sources, Set<Block> destinations) {
        public Between {
            sources = List.copyOf(sources);
            destinations = Set.copyOf(destinations);
        }
    }

    private Conntrack() {}

    /**
     * Ends every flow that one of these addresses opened or answers. Nothing may let their packets
     * through meanwhile.
     *
     * @return how many were cut
     * @throws IOException when the kernel refuses
     */
    public static int cut(Optional<Path> namespace, Collection<Block> addresses)
            throws IOException {
        return cut(namespace, addresses, MANY_FLOWS);
    }

    static int cut(Optional<Path> namespace, Collection<Block> addresses, long manyFlows)
            throws IOException {
        if (addresses.isEmpty()) {
            return 0;
        }
        Sources sources = new Sources(addresses);
        return cutAll(
                namespace,
                netlink -> walks(netlink, addresses, manyFlows),
                attributes -> belongs(attributes, sources));
    }

    /** What the kernel is asked for: everything, or the flows of one address each. */
    private static List<Walk> walks(Netlink netlink, Collection<Block> addresses, long manyFlows) {
        if (addresses.size() > FEW_ADDRESSES
                || !addresses.stream().allMatch(Block::single)
                || flows(netlink) < manyFlows) {
            return List.of(Walk.WHOLE);
        }
        List<Walk> walks = new ArrayList<>();
        for (Block address : addresses) {
            walks.add(Walk.of(address, TUPLE_ORIGINAL, FILTER_ORIGINAL));
            walks.add(Walk.of(address, TUPLE_REPLY, FILTER_REPLY));
        }
        return walks;
    }

    /** How many flows there are, of whomever; 0 where the kernel does not tell. */
    private static long flows(Netlink netlink) {
        AtomicLong flows = new AtomicLong();
        int refusal =
                netlink.ask(
                        CT_STATISTICS,
                        AF_UNSPEC,
                        new byte[0],
                        attributes ->
                                Attributes.find(attributes, STATISTICS_ENTRIES)
                                        .map(Attributes::network)
                                        .ifPresent(flows::set));
        return refusal == 0 ? flows.get() : 0;
    }

    /**
     * A request for flows. A kernel before 5.8 passes over what it does not know and tells of more,
     * which is looked at here again.
     */
    private record Walk(int family, Attributes filter) {
        /** One for both families: the kernel walks its whole table for each. */
        static final Walk WHOLE = new Walk(AF_UNSPEC, new Attributes());

        static Walk of(Block source, int tuple, int direction) {
            Attributes address =
                    new Attributes().octets(source.six() ? V6_SOURCE : V4_SOURCE, source.octets());
            return new Walk(
                    source.six() ? AF_INET6 : AF_INET,
                    new Attributes()
                            .nest(tuple, new Attributes().nest(TUPLE_IP, address))
                            .nest(FILTER, new Attributes().number(direction, BY_SOURCE)));
        }
    }

    /** Addresses that are looked for, fast for single ones however many there are. */
    private static final class Sources {
        private final Set<Block> single;
        private final List<Block> wide;

        Sources(Collection<Block> blocks) {
            single = blocks.stream().filter(Block::single).collect(Collectors.toSet());
            wide = blocks.stream().filter(block -> !block.single()).toList();
        }

        boolean have(Block address) {
            return single.contains(address) || Block.anyContains(wide, address);
        }
    }

    /**
     * Ends every flow that one of these sources opened to one of its destinations, in one walk
     * through the kernel's table for all of them.
     *
     * @return how many were cut
     * @throws IOException when the kernel refuses
     */
    public static int cutBetween(Optional<Path> namespace, Collection<Between> ways)
            throws IOException {
        return ways.isEmpty()
                ? 0
                : cutAll(
                        namespace,
                        _ -> List.of(Walk.WHOLE),
                        attributes -> ways.stream().anyMatch(way -> leads(attributes, way)));
    }

    private static int cutAll(
            Optional<Path> namespace,
            Function<Netlink, List<Walk>> way,
            Predicate<ByteBuffer> wanted)
            throws IOException {
        try (Netlink netlink = Netlink.open(namespace)) {
            List<Walk> walks = way.apply(netlink);
            int cut = 0;
            for (int look = 0; look < LOOKS; look++) {
                int found = 0;
                for (Walk walk : walks) {
                    found += cut(netlink, walk, wanted);
                }
                cut += found;
                if (found == 0) {
                    break;
                }
            }
            return cut;
        }
    }

    private static int cut(Netlink netlink, Walk walk, Predicate<ByteBuffer> wanted)
            throws IOException {
        List<Flow> flows = new ArrayList<>();
        check(
                netlink.dump(
                        CT_GET,
                        walk.family(),
                        walk.filter().octets(),
                        attributes -> {
                            if (wanted.test(attributes)) {
                                flows.add(
                                        new Flow(
                                                six(attributes) ? AF_INET6 : AF_INET,
                                                ByteBuffer.wrap(name(attributes))));
                            }
                        }));
        for (Flow flow : flows) {
            int refusal = netlink.request(CT_DELETE, flow.family(), flow.name().array());
            if (refusal != ENOENT) {
                check(refusal);
            }
        }
        return flows.size();
    }

    private static boolean six(ByteBuffer attributes) {
        return Attributes.find(attributes, TUPLE_ORIGINAL)
                .flatMap(tuple -> Attributes.find(tuple, TUPLE_IP))
                .flatMap(addresses -> Attributes.find(addresses, V6_SOURCE))
                .isPresent();
    }

    private static void check(int refusal) throws IOException {
        if (refusal != 0) {
            throw new IOException("connection tracking refused: errno " + refusal);
        }
    }

    /**
     * Opened by one of the addresses, or answered by one, which after address translation only the
     * reply shows.
     */
    private static boolean belongs(ByteBuffer attributes, Sources wanted) {
        return belongs(Attributes.find(attributes, TUPLE_ORIGINAL), wanted)
                || belongs(Attributes.find(attributes, TUPLE_REPLY), wanted);
    }

    private static boolean belongs(Optional<ByteBuffer> tuple, Sources wanted) {
        return address(tuple, V4_SOURCE, V6_SOURCE).filter(wanted::have).isPresent();
    }

    private static boolean leads(ByteBuffer attributes, Between way) {
        Optional<ByteBuffer> tuple = Attributes.find(attributes, TUPLE_ORIGINAL);
        return address(tuple, V4_DESTINATION, V6_DESTINATION)
                        .filter(way.destinations()::contains)
                        .isPresent()
                && address(tuple, V4_SOURCE, V6_SOURCE)
                        .filter(source -> Block.anyContains(way.sources(), source))
                        .isPresent();
    }

    private static Optional<Block> address(Optional<ByteBuffer> tuple, int four, int six) {
        Optional<ByteBuffer> addresses = tuple.flatMap(each -> Attributes.find(each, TUPLE_IP));
        return addresses
                .flatMap(each -> Attributes.find(each, four))
                .filter(each -> each.remaining() == 4)
                .or(() ->
                        addresses
                                .flatMap(each -> Attributes.find(each, six))
                                .filter(each -> each.remaining() == 16))
                .map(Attributes::copy)
                .map(Block::of);
    }

    /** What identifies a flow to the kernel: its first direction, its zone and its number. */
    private static byte[] name(ByteBuffer attributes) {
        Attributes name = new Attributes();
        for (int type : new int[] {TUPLE_ORIGINAL, ZONE, ID}) {
            Attributes.find(attributes, type)
                    .map(Attributes::copy)
                    .ifPresent(value ->
                            name.octets(type == TUPLE_ORIGINAL ? type | 0x8000 : type, value));
        }
        return name.octets();
    }
}
