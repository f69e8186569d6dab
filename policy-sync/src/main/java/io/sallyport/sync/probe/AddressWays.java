package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Another address of the sandbox's own subnet, taken for a moment and given back. */
final class AddressWays {
    private static final long TOOL_SECONDS = 5;

    /** A subnet of four addresses has no third host. */
    private static final int SMALLEST_SUBNET4 = 29;

    private AddressWays() {}

    static List<Way> list(Scene scene) {
        List<Way> ways = new ArrayList<>();
        for (boolean six : new boolean[] {false, true}) {
            Optional<InetAddress> target = scene.target(six);
            Optional<InterfaceAddress> own = scene.surroundings().own(six);
            Optional<NetworkInterface> outside = scene.surroundings().outside();
            if (target.isPresent() && own.isPresent() && outside.isPresent()) {
                ways.add(
                        new Way(
                                "changed-address-" + Scene.family(six),
                                Streams.text(target.get())
                                        + ", TCP 443, from another address of our subnet",
                                () ->
                                        attempt(
                                                scene,
                                                target.get(),
                                                own.get(),
                                                outside.get().getName())));
            }
        }
        return ways;
    }

    private static Seen attempt(
            Scene scene, InetAddress target, InterfaceAddress own, String device)
            throws IOException {
        boolean six = target.getAddress().length == 16;
        if (!six && own.getNetworkPrefixLength() > SMALLEST_SUBNET4) {
            return Seen.unknown("not tried: the subnet has no other address");
        }
        byte[] octets = own.getAddress().getAddress();
        // Near, within any subnet that is large enough, and neither all zeros nor the gateway,
        // which is first as a rule.
        octets[octets.length - 1] ^= 4;
        InetAddress other = InetAddress.getByAddress(octets);
        String cidr = Streams.text(other) + (six ? "/128" : "/32");
        if (!ip(six, "add", cidr, device)) {
            return Seen.unknown("not tried: not permitted to add an address");
        }
        try {
            return Streams.connectAny(
                    Optional.of(new InetSocketAddress(other, 0)),
                    List.of(new InetSocketAddress(target, 443)),
                    scene.timeout());
        } finally {
            ip(six, "delete", cidr, device);
        }
    }

    private static boolean ip(boolean six, String verb, String cidr, String device)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "address", verb, cidr, "dev", device));
        if (six && verb.equals("add")) {
            command.add("nodad");
        }
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            if (process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
