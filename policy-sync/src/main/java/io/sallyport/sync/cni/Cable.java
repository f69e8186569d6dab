package io.sallyport.sync.cni;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.cni.Fault.Code;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a container is, by what the plugins before answered and by what the kernel says of it.
 *
 * @param device host's end of the container's cable
 * @param index the kernel's number of it
 * @param mac of the container's end; empty if nobody told it
 * @param place where its packets meet the rules: the device, or the bridge that it is a port of
 */
record Cable(String device, int index, String mac, Place place) {
    /** A container has one or two. */
    private static final int MOST_ADDRESSES = 16;

    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}");

    /** What plugins list beside the cable: the bridge it ends in, devices that shape traffic. */
    private static final Set<String> NO_CABLES = Set.of("bridge", "ifb", "dummy");

    private static final String BRIDGE = "bridge";

    static Cable of(ObjectNode result) throws Fault {
        List<Link> cables = new ArrayList<>();
        for (String name : ofTheHost(result)) {
            Link link = Link.of(name);
            if (!NO_CABLES.contains(link.kind())) {
                cables.add(link);
            }
        }
        if (cables.size() != 1) {
            throw new Fault(
                    Code.INVALID,
                    cables.isEmpty()
                            ? "the plugins before made no interface of this host for the container (macvlan,"
                                    + " ipvlan and SR-IOV do not), so that its packets would pass no rule; use"
                                    + " ptp, bridge or another that makes a veth pair"
                            : "the plugins before made more than one interface of this host for the container");
        }
        Link cable = cables.getFirst();
        return new Cable(
                cable.name(),
                cable.index(),
                mac(result),
                new Place(cable.meetsRulesAt(), addresses(result)));
    }

    private static String mac(ObjectNode result) {
        for (JsonNode each : result.path("interfaces")) {
            if (!each.path("sandbox").asString("").isEmpty()) {
                return each.path("mac").asString("");
            }
        }
        return "";
    }

    /** The port of a bridge that this is; empty where it is no port. */
    Optional<Port> port() {
        return place.interfaceName().equals(device)
                ? Optional.empty()
                : Optional.of(new Port(device, mac, place));
    }

    /** Those without a sandbox that exist. */
    private static List<String> ofTheHost(ObjectNode result) throws Fault {
        List<String> names = new ArrayList<>();
        for (JsonNode each : result.path("interfaces")) {
            String name = each.path("name").asString("");
            if (each.path("sandbox").asString("").isEmpty()) {
                if (!INTERFACE.matcher(name).matches()) {
                    throw new Fault(
                            Code.INVALID, "\"interfaces\" has a name that no rule can have");
                }
                if (Host.hasInterface(name) && !names.contains(name)) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static List<Cidr> addresses(ObjectNode result) throws Fault {
        List<Cidr> addresses = new ArrayList<>();
        for (JsonNode each : result.path("ips")) {
            JsonNode at = result.path("interfaces").path(each.path("interface").asInt(-1));
            boolean inside = at.isMissingNode() || !at.path("sandbox").asString("").isEmpty();
            if (inside) {
                addresses.add(single(each.path("address").asString("")));
            }
        }
        if (addresses.isEmpty() || addresses.size() > MOST_ADDRESSES) {
            throw new Fault(
                    Code.INVALID,
                    "the plugins before gave the container "
                            + addresses.size()
                            + " addresses; it needs 1 to "
                            + MOST_ADDRESSES);
        }
        return addresses;
    }

    /** The container's own address, whatever block it is told that it is in. */
    private static Cidr single(String text) throws Fault {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        try {
            return Cidr.parse(address);
        } catch (IllegalArgumentException e) {
            throw new Fault(Code.INVALID, "\"ips\": " + e.getMessage());
        }
    }

    /** What the kernel knows of one interface. */
    private record Link(String name, int index, String kind, String master, String port) {
        static Link of(String name) throws Fault {
            try {
                JsonNode link =
                        new JsonMapper()
                                .readTree(Host.ip("-j", "-d", "link", "show", "dev", name))
                                .path(0);
                return new Link(
                        name,
                        link.path("ifindex").asInt(0),
                        link.path("linkinfo").path("info_kind").asString(""),
                        link.path("master").asString(""),
                        link.path("linkinfo").path("info_slave_kind").asString(""));
            } catch (IOException | JacksonException e) {
                throw new Fault(Code.TRY_AGAIN, e);
            }
        }

        String meetsRulesAt() throws Fault {
            if (master.isEmpty()) {
                return name;
            }
            if (!port.equals(BRIDGE)) {
                throw new Fault(
                        Code.INVALID,
                        "packets of "
                                + name
                                + " go by "
                                + master
                                + ", where this host's rules may not see them");
            }
            return master;
        }
    }
}
