package io.sallyport.iptables.conntrack;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.netlink.Netlink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The kernel's table of tracked flows. Each call uses a socket of its own: a dump must not hold up
 * a pin.
 */
public final class Conntrack {

    private static final int CT_GET = 1 << 8 | 1;
    private static final int CT_DELETE = 1 << 8 | 2;
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
    private static final int TYPE_MASK = 0x3fff;
    private static final int ENOENT = 2;

    /** A dump may miss an entry while the kernel's table is resized; a second look finds it. */
    private static final int LOOKS = 3;

    private record Flow(int family, ByteBuffer name) {}

    /** Who opened a flow and where to. */
    public record Between(Collection<Block> sources, Collection<Block> destinations) {
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
        return addresses.isEmpty()
                ? 0
                : cutAll(namespace, attributes -> belongs(attributes, addresses));
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
                        attributes -> ways.stream().anyMatch(way -> leads(attributes, way)));
    }

    private static int cutAll(Optional<Path> namespace, Predicate<ByteBuffer> wanted)
            throws IOException {
        try (Netlink netlink = Netlink.open(namespace)) {
            int cut = 0;
            for (int look = 0; look < LOOKS; look++) {
                int found = cut(netlink, wanted);
                cut += found;
                if (found == 0) {
                    break;
                }
            }
            return cut;
        }
    }

    /** One dump for both families: the kernel walks its whole table for each. */
    private static int cut(Netlink netlink, Predicate<ByteBuffer> wanted) throws IOException {
        List<Flow> flows = new ArrayList<>();
        check(
                netlink.dump(
                        CT_GET,
                        AF_UNSPEC,
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
        return find(attributes, TUPLE_ORIGINAL)
                .flatMap(tuple -> find(tuple, TUPLE_IP))
                .flatMap(addresses -> find(addresses, V6_SOURCE))
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
    private static boolean belongs(ByteBuffer attributes, Collection<Block> wanted) {
        return belongs(find(attributes, TUPLE_ORIGINAL), wanted)
                || belongs(find(attributes, TUPLE_REPLY), wanted);
    }

    private static boolean belongs(Optional<ByteBuffer> tuple, Collection<Block> wanted) {
        return address(tuple, V4_SOURCE, V6_SOURCE)
                .filter(address -> within(address, wanted))
                .isPresent();
    }

    private static boolean leads(ByteBuffer attributes, Between way) {
        Optional<ByteBuffer> tuple = find(attributes, TUPLE_ORIGINAL);
        return address(tuple, V4_DESTINATION, V6_DESTINATION)
                        .filter(way.destinations()::contains)
                        .isPresent()
                && belongs(tuple, way.sources());
    }

    private static boolean within(Block address, Collection<Block> blocks) {
        return blocks.stream().anyMatch(block -> block.contains(address));
    }

    private static Optional<Block> address(Optional<ByteBuffer> tuple, int four, int six) {
        Optional<ByteBuffer> addresses = tuple.flatMap(each -> find(each, TUPLE_IP));
        return addresses
                .flatMap(each -> find(each, four))
                .filter(each -> each.remaining() == 4)
                .or(() ->
                        addresses
                                .flatMap(each -> find(each, six))
                                .filter(each -> each.remaining() == 16))
                .map(Conntrack::octets)
                .map(Block::of);
    }

    /** What identifies a flow to the kernel: its first direction, its zone and its number. */
    private static byte[] name(ByteBuffer attributes) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int type : new int[] {TUPLE_ORIGINAL, ZONE, ID}) {
            find(attributes, type)
                    .ifPresent(value -> {
                        byte[] octets = octets(value);
                        ByteBuffer header = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
                        int marked = type == TUPLE_ORIGINAL ? type | 0x8000 : type;
                        header.putShort((short) (octets.length + 4)).putShort((short) marked);
                        name.writeBytes(header.array());
                        name.writeBytes(octets);
                        name.writeBytes(new byte[-octets.length & 3]);
                    });
        }
        return name.toByteArray();
    }

    private static Optional<ByteBuffer> find(ByteBuffer attributes, int type) {
        int at = attributes.position();
        while (at + 4 <= attributes.limit()) {
            int length = attributes.getShort(at) & 0xffff;
            if (length < 4 || at + length > attributes.limit()) {
                return Optional.empty();
            }
            if ((attributes.getShort(at + 2) & TYPE_MASK) == type) {
                return Optional.of(
                        attributes.slice(at + 4, length - 4).order(ByteOrder.nativeOrder()));
            }
            at += length + 3 & ~3;
        }
        return Optional.empty();
    }

    private static byte[] octets(ByteBuffer value) {
        byte[] octets = new byte[value.remaining()];
        value.duplicate().get(octets);
        return octets;
    }
}
