package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Probe.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Where this process finds itself.
 *
 * @param nameservers of resolv.conf
 * @param search domains of resolv.conf
 * @param gateways of the default routes, v4 and v6
 * @param outside the interface of the default route
 */
record Surroundings(
        List<InetAddress> nameservers,
        List<String> search,
        List<InetAddress> gateways,
        Optional<NetworkInterface> outside) {
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Path ROUTES4 = Path.of("/proc/net/route");
    private static final Path ROUTES6 = Path.of("/proc/net/ipv6_route");
    private static final String NO_ADDRESS6 = "0".repeat(32);

    static Surroundings look(Settings settings) {
        List<InetAddress> nameservers = new ArrayList<>();
        List<String> search = new ArrayList<>();
        for (List<String> words : lines(RESOLV_CONF)) {
            if (words.size() > 1 && words.getFirst().equals("nameserver")) {
                nameservers.add(InetAddress.ofLiteral(words.get(1)));
            } else if (words.getFirst().equals("search") || words.getFirst().equals("domain")) {
                search.addAll(words.subList(1, words.size()));
            }
        }
        settings.resolver()
                .ifPresent(resolver -> {
                    nameservers.clear();
                    nameservers.add(resolver);
                });
        search.removeIf(domain -> domain.equals("."));
        List<InetAddress> gateways = new ArrayList<>();
        List<String> interfaces = new ArrayList<>();
        for (List<String> route : lines(ROUTES4)) {
            // Interface, destination, gateway, …, mask; little-endian hexadecimal.
            if (route.size() > 7
                    && route.get(1).equals("00000000")
                    && route.get(7).equals("00000000")) {
                interfaces.add(route.getFirst());
                gateway(reversed(route.get(2))).ifPresent(gateways::add);
            }
        }
        for (List<String> route : lines(ROUTES6)) {
            // Destination, its prefix, source, its prefix, gateway, metric, counters, flags,
            // interface.
            if (route.size() > 9
                    && route.get(1).equals("00")
                    && !route.get(4).equals(NO_ADDRESS6)) {
                interfaces.add(route.get(9));
                gateway(HexFormat.of().parseHex(route.get(4))).ifPresent(gateways::add);
            }
        }
        return new Surroundings(
                List.copyOf(nameservers),
                List.copyOf(search),
                gateways.stream().distinct().toList(),
                interfaces.stream().findFirst().flatMap(Surroundings::named));
    }

    /** An own global address of the family with its prefix. */
    Optional<InterfaceAddress> own(boolean six) {
        return outside.stream()
                .flatMap(device -> device.getInterfaceAddresses().stream())
                .filter(address -> !address.getAddress().isLinkLocalAddress())
                .filter(address -> address.getAddress().getAddress().length == (six ? 16 : 4))
                .findFirst();
    }

    private static Optional<NetworkInterface> named(String name) {
        try {
            return Optional.ofNullable(NetworkInterface.getByName(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A link-local gateway is on the other end of the cable too, but needs no probing beside the
     * global one.
     */
    private static Optional<InetAddress> gateway(byte[] octets) {
        try {
            InetAddress address = InetAddress.getByAddress(octets);
            return address.isAnyLocalAddress() || address.isLinkLocalAddress()
                    ? Optional.empty()
                    : Optional.of(address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] reversed(String hexadecimal) {
        byte[] octets = HexFormat.of().parseHex(hexadecimal);
        return new byte[] {octets[3], octets[2], octets[1], octets[0]};
    }

    /** The words of each line that has some; nothing if the file is not there. */
    private static List<List<String>> lines(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .map(line -> List.of(line.strip().split("\\s+", -1)))
                    .filter(words -> !words.getFirst().isEmpty())
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
