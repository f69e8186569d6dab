package io.sallyport.resolver.network;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks.Binding;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * From address to binding by longest prefix: one probe of an open-addressing table for each prefix
 * length that is in use, which on a node is one or two. An IPv4 address is kept as its mapped IPv6
 * form, ::ffff:a.b.c.d, so that a dual-stack socket and an IPv4 one agree on who is asking.
 * Immutable.
 */
final class AddressTable {
    static final AddressTable EMPTY = new AddressTable(List.of());

    private static final int KEY = 4;
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    /**
     * Longest first; 128 for a single address of either family. A short IPv6 block never covers an
     * IPv4 address.
     */
    private final int[] prefixes4;

    private final int[] prefixes6;

    /**
     * Four numbers a slot, half a cache line: the address's halves, the prefix length, and one that
     * is not used. Of a thousand networks no cache near the processor has them all.
     */
    private final long[] keys;

    private final @Nullable Binding[] bindings;

    /**
     * @throws IllegalArgumentException if two networks have the same block
     */
    AddressTable(Collection<Binding> all) {
        int blocks = 0;
        TreeSet<Integer> lengths4 = new TreeSet<>(Comparator.reverseOrder());
        TreeSet<Integer> lengths6 = new TreeSet<>(Comparator.reverseOrder());
        for (Binding binding : all) {
            for (Cidr cidr : binding.network().addresses()) {
                byte[] address = cidr.network();
                boolean four = length(cidr) >= 96 && isFour(high(address), low(address));
                (four ? lengths4 : lengths6).add(length(cidr));
                blocks++;
            }
        }
        prefixes4 = lengths4.stream().mapToInt(Integer::intValue).toArray();
        prefixes6 = lengths6.stream().mapToInt(Integer::intValue).toArray();
        int size = Integer.highestOneBit(Math.max(blocks, 1)) << 2;
        keys = new long[size * KEY];
        bindings = new @Nullable Binding[size];
        for (Binding binding : all) {
            for (Cidr cidr : binding.network().addresses()) {
                put(cidr, binding);
            }
        }
    }

    private static boolean isFour(long h, long l) {
        return h == 0 && l >>> 32 == MAPPED >>> 32;
    }

    private static int length(Cidr cidr) {
        return cidr.isIpv6() ? cidr.prefix() : 96 + cidr.prefix();
    }

    private void put(Cidr cidr, Binding binding) {
        byte[] address = cidr.network();
        long h = high(address);
        long l = low(address);
        int prefix = length(cidr);
        int i = slot(h, l, prefix);
        Binding there = bindings[i];
        if (there != null && there != binding) {
            throw new IllegalArgumentException(
                    cidr
                            + " belongs to network "
                            + there.network().id()
                            + " already; network "
                            + binding.network().id()
                            + " cannot have it too");
        }
        keys[i * KEY] = h;
        keys[i * KEY + 1] = l;
        keys[i * KEY + 2] = prefix;
        bindings[i] = binding;
    }

    /**
     * @param h the upper 8 octets of an IPv6 address; 0 for IPv4
     * @param l the lower 8; {@code ::ffff:a.b.c.d} for IPv4
     */
    @Nullable Binding find(long h, long l) {
        for (int prefix : isFour(h, l) ? prefixes4 : prefixes6) {
            Binding binding = bindings[slot(maskedHigh(h, prefix), maskedLow(l, prefix), prefix)];
            if (binding != null) {
                return binding;
            }
        }
        return null;
    }

    /**
     * The slot of this block, or the free one where it would go; at least half of the slots are
     * free.
     */
    private int slot(long h, long l, int prefix) {
        int mask = bindings.length - 1;
        long hash = (h * 0x9e3779b97f4a7c15L ^ l ^ prefix) * 0xd6e8feb86659fd93L;
        int i = (int) (hash >>> 32) & mask;
        while (!is(i * KEY, h, l, prefix) && bindings[i] != null) {
            i = (i + 1) & mask;
        }
        return i;
    }

    private boolean is(int at, long h, long l, int prefix) {
        return keys[at] == h && keys[at + 1] == l && keys[at + 2] == prefix;
    }

    private static long maskedHigh(long h, int prefix) {
        return prefix >= 64 ? h : prefix == 0 ? 0 : h & -1L << (64 - prefix);
    }

    private static long maskedLow(long l, int prefix) {
        return prefix >= 128 ? l : prefix <= 64 ? 0 : l & -1L << (128 - prefix);
    }

    static long high(byte[] address) {
        return address.length == 4 ? 0 : u64(address, 0);
    }

    static long low(byte[] address) {
        return address.length == 4 ? MAPPED | u32(address, 0) : u64(address, 8);
    }

    private static long u64(byte[] octets, int at) {
        return u32(octets, at) << 32 | u32(octets, at + 4);
    }

    private static long u32(byte[] octets, int at) {
        return (octets[at] & 0xffL) << 24
                | (octets[at + 1] & 0xffL) << 16
                | (octets[at + 2] & 0xffL) << 8
                | (octets[at + 3] & 0xffL);
    }
}
