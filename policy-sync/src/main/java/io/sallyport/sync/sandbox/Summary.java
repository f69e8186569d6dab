package io.sallyport.sync.sandbox;

import com.google.common.net.InetAddresses;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.network.Networks.DeniedName;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** What a command was denied, for the person who ran it. */
final class Summary {
    /** A screenful; the rest is counted. */
    private static final int MAX_ROWS = 20;

    private Summary() {}

    static void observed(boolean observing, List<DeniedName> names, PrintStream err) {
        if (!observing) {
            return;
        }
        err.println(
                names.isEmpty()
                        ? "sallyport: OBSERVE MODE: nothing was needed that is not allowed"
                        : "sallyport: OBSERVE MODE: names that are not allowed and were answered all the"
                                + " same, by how often they were asked");
        names.stream()
                .limit(MAX_ROWS)
                .forEach(name -> err.printf("  %6d  %s%n", name.count(), name.name()));
        rest(names.size(), err);
    }

    static void print(List<DeniedName> names, List<Firewall.Refused> addresses, PrintStream err) {
        if (names.isEmpty() && addresses.isEmpty()) {
            err.println("sallyport: nothing was denied");
            return;
        }
        if (!names.isEmpty()) {
            err.println("sallyport: names denied (NXDOMAIN), by how often they were asked");
            names.stream()
                    .limit(MAX_ROWS)
                    .forEach(name ->
                            err.printf(
                                    "  %6d  %-44s %s%n", name.count(), name.name(), reason(name)));
            rest(names.size(), err);
        }
        if (!addresses.isEmpty()) {
            err.println("sallyport: addresses refused, by packets");
            addresses.stream()
                    .limit(MAX_ROWS)
                    .forEach(refused ->
                            err.printf("  %6d  %s%n", refused.packets(), destination(refused)));
            rest(addresses.size(), err);
        }
    }

    private static void rest(int rows, PrintStream err) {
        if (rows > MAX_ROWS) {
            err.println("          and " + (rows - MAX_ROWS) + " more");
        }
    }

    private static String reason(DeniedName name) {
        return name.reason().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String destination(Firewall.Refused refused) {
        String address = InetAddresses.toAddrString(refused.address());
        boolean ports = refused.protocol().equals("tcp") || refused.protocol().equals("udp");
        String host = address.contains(":") && ports ? "[" + address + "]" : address;
        return ports
                ? host + ":" + refused.port() + " " + refused.protocol()
                : host + " " + refused.protocol();
    }
}
