package io.sallyport.sync.api;

import com.google.common.net.InetAddresses;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Report;
import io.sallyport.sync.session.Sessions.Stale;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Networks and sessions as JSON. */
final class Answers {
    private Answers() {}

    static ObjectNode network(Network network) {
        ObjectNode node =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("id", network.id())
                        .put("interface", network.place().interfaceName())
                        .put("state", network.state());
        ArrayNode addresses = node.putArray("addresses");
        network.place().addresses().forEach(address -> addresses.add(address.toString()));
        if (network.session() != null) {
            node.put("session", network.session().id());
        }
        if (network.fault() != null) {
            node.put("fault", network.fault());
        }
        return node;
    }

    /** The same at every time, so that a start that is told again is answered the same. */
    static ObjectNode session(Network network) {
        Session session = network.session();
        if (session == null) {
            throw new IllegalStateException("network " + network.id() + " has no session");
        }
        ObjectNode node =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("id", session.id())
                        .put("org", session.org())
                        .put("agent", session.agent())
                        .put("state", network.state())
                        .put("mode", session.mode().text())
                        .put("started", session.started().toString())
                        .put("level", session.snapshot().level())
                        .put("internet", session.snapshot().internet())
                        .put("settings-version", session.snapshot().version())
                        .put("snapshot", session.snapshot().digest());
        if (session.lease() > 0) {
            node.put("lease", session.lease());
        }
        if (network.fault() != null) {
            node.put("fault", network.fault());
        }
        return node.set("network", network(network));
    }

    /** A session as it is at this moment. */
    static ObjectNode session(Network network, OptionalLong left) {
        ObjectNode node = session(network);
        left.ifPresent(seconds -> node.put("lease-left", seconds));
        return node;
    }

    static ObjectNode stale(Stale stale) {
        ObjectNode node = session(stale.network());
        node.put("stale", true);
        stale.current()
                .ifPresentOrElse(
                        version -> node.put("current-settings-version", version),
                        () -> node.putNull("current-settings-version"));
        return node;
    }

    static ObjectNode report(Report report, OptionalLong left) {
        ObjectNode node = session(report.network(), left);
        names(node.putArray("denied-names"), report.names());
        names(node.putArray("observed-names"), report.observed());
        ArrayNode addresses = node.putArray("denied-addresses");
        for (Firewall.Refused refused : report.addresses()) {
            addresses
                    .addObject()
                    .put("address", InetAddresses.toAddrString(refused.address()))
                    .put("protocol", refused.protocol())
                    .put("port", refused.port())
                    .put("packets", refused.packets());
        }
        return node;
    }

    private static void names(ArrayNode into, List<DeniedName> names) {
        for (DeniedName name : names) {
            into.addObject()
                    .put("name", name.name())
                    .put("reason", name.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .put("count", name.count())
                    .put("first-seen", name.firstSeen())
                    .put("last-seen", name.lastSeen());
        }
    }
}
