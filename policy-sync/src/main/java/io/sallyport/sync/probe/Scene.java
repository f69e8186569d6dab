package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Probe.Settings;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What every way is tried with.
 *
 * @param pinned addresses of the allowed name, just resolved; empty if there is none
 */
record Scene(Settings settings, Surroundings surroundings, List<InetAddress> pinned) {

    Duration timeout() {
        return settings.timeout();
    }

    /** The targets of one family. */
    List<InetAddress> targets(boolean six) {
        return of(settings.targets(), six);
    }

    /** The first target of one family. */
    Optional<InetAddress> target(boolean six) {
        return targets(six).stream().findFirst();
    }

    /**
     * An own address of the target's family with the port of name servers; needs a privilege to be
     * bound.
     */
    Optional<InetSocketAddress> dnsPort(InetAddress target) {
        return surroundings
                .own(target instanceof Inet6Address)
                .map(own -> new InetSocketAddress(own.getAddress(), Asking.PORT));
    }

    static List<InetAddress> of(List<InetAddress> addresses, boolean six) {
        return addresses.stream()
                .filter(address -> address instanceof Inet6Address == six)
                .toList();
    }

    static String family(boolean six) {
        return six ? "v6" : "v4";
    }
}
