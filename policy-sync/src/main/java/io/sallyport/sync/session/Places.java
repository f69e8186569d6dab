package io.sallyport.sync.session;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.session.Sessions.Rejected;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a network can be. */
final class Places {
    /** What a rule can name. */
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]*");

    /** Unspecified, loopback, multicast and reserved: never the source of a sandbox's packet. */
    private static final List<Cidr> NEVER_A_SOURCE =
            Stream.of("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/96", "ff00::/8")
                    .map(Cidr::parse)
                    .toList();

    private Places() {}

    /**
     * @param networks those that are attached already
     * @throws Rejected if the place cannot be a sandbox's, or is taken
     */
    static void check(Place place, Collection<Network> networks) throws Rejected {
        if (!Host.hasInterface(place.interfaceName())) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "interface",
                    "no interface \""
                            + place.interfaceName()
                            + "\" exists on this host; ip link lists them");
        }
        if (!INTERFACE.matcher(place.interfaceName()).matches()
                || place.interfaceName().equals("lo")) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "interface",
                    "\""
                            + place.interfaceName()
                            + "\" cannot be a sandbox's: not lo, and letters, digits and _ . - only");
        }
        if (Host.isUplink(place.interfaceName())) {
            throw new Rejected(
                    Rejected.Kind.INVALID,
                    "interface",
                    place.interfaceName()
                            + " carries this host's default route; a session there would cut off the"
                            + " host itself. Name the host side of the sandbox's interface");
        }
        if (place.addresses().isEmpty()) {
            throw new Rejected(
                    Rejected.Kind.INVALID, "addresses", "a network needs at least one address");
        }
        for (int i = 0; i < place.addresses().size(); i++) {
            Cidr address = place.addresses().get(i);
            if (place.addresses().subList(0, i).stream()
                    .anyMatch(other -> Place.overlap(other, address))) {
                throw new Rejected(Rejected.Kind.INVALID, "addresses", address + " is named twice");
            }
            if (NEVER_A_SOURCE.stream().anyMatch(other -> Place.overlap(other, address))) {
                throw new Rejected(
                        Rejected.Kind.INVALID,
                        "addresses",
                        address
                                + " cannot be a sandbox's: it has addresses of the host itself, of groups or of nobody");
            }
        }
        checkFree(place, networks);
    }

    /** The part of {@link #check} that other networks may change. */
    static void checkFree(Place place, Collection<Network> networks) throws Rejected {
        for (Cidr address : place.addresses()) {
            for (Network other : networks) {
                if (other.place().addresses().stream()
                        .anyMatch(taken -> Place.overlap(taken, address))) {
                    throw new Rejected(
                            Rejected.Kind.CONFLICT,
                            "addresses",
                            address + " belongs to " + owner(other));
                }
            }
        }
    }

    private static String owner(Network network) {
        return "network "
                + network.id()
                + (network.session() == null
                        ? ", which is attached already; detach it first"
                        : ", where session " + network.session().id() + " runs; end it first");
    }
}
