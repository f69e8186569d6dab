package io.sallyport.sync.cni;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.cni.Fault.Code;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network.Place;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container's port of a bridge that others share. Frames between ports pass no rule of iptables,
 * and whoever answers for a neighbour's address hears what is meant for it; so ports reach the
 * bridge alone, and the host knows by heart whose address is where.
 *
 * @param mac of the container's end
 */
record Port(String device, String mac, Place place) {
    private static final Logger LOG = LoggerFactory.getLogger(Port.class);

    private static final Pattern MAC = Pattern.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}");

    void close() throws Fault {
        if (!MAC.matcher(mac).matches()) {
            throw new Fault(
                    Code.INVALID,
                    "the plugins before do not tell the container's \"mac\", which a shared bridge needs");
        }
        try {
            Host.ip(
                    "link",
                    "set",
                    "dev",
                    device,
                    "type",
                    "bridge_slave",
                    "isolated",
                    "on",
                    "learning",
                    "off");
            Host.run("bridge", "fdb", "replace", mac, "dev", device, "master", "static", "sticky");
            for (String address : addresses()) {
                Host.ip(
                        "neigh",
                        "replace",
                        address,
                        "lladdr",
                        mac,
                        "dev",
                        place.interfaceName(),
                        "nud",
                        "permanent");
            }
        } catch (IOException e) {
            throw new Fault(
                    Code.TRY_AGAIN,
                    "the container's port cannot be closed to its neighbours (Linux 4.20 can): "
                            + e.getMessage());
        }
    }

    /** The host forgets where a place's addresses were; one that it does not know is no matter. */
    static void forget(Place place) {
        for (String address : addresses(place)) {
            try {
                Host.ip("neigh", "del", address, "dev", place.interfaceName());
            } catch (IOException e) {
                LOG.debug("the host has forgotten {} already: {}", address, e.getMessage());
            }
        }
    }

    private List<String> addresses() {
        return addresses(place);
    }

    private static List<String> addresses(Place place) {
        return place.addresses().stream()
                .map(Cidr::toString)
                .map(text -> text.substring(0, text.indexOf('/')))
                .toList();
    }
}
