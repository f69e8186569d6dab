package io.sallyport.sync.docker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What the engine says it has. Its answers are a stranger's: what does not look as it should is
 * left out, and what is left out gets no session.
 */
final class Part {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final int SHORT = 12;
    private static final String BRIDGE_NAME = "com.docker.network.bridge.name";

    /** How Docker names a bridge that was given no name. */
    private static final String BRIDGE = "br-";

    /**
     * A network.
     *
     * @param internal whether the engine means it to have no way out
     * @param bridge the host's interface, empty where the driver has none that all packets pass
     * @param subnets of its containers
     */
    record Network(
            String id,
            String name,
            String driver,
            boolean internal,
            Optional<String> bridge,
            List<String> subnets,
            Map<String, String> labels) {
        String shortId() {
            return id.substring(0, SHORT);
        }

        /** Whether its containers ask the engine's own name server: all but the engine's first. */
        boolean hasOwnNames() {
            return !name.equals("bridge");
        }
    }

    /**
     * A container that runs.
     *
     * @param ends by the id of the network
     */
    record Container(
            String id, List<String> names, Map<String, String> labels, Map<String, End> ends) {
        String shortId() {
            return id.substring(0, SHORT);
        }

        String name() {
            return names.isEmpty() ? shortId() : names.getFirst();
        }
    }

    /**
     * Where a container meets a network.
     *
     * @param id another one after each start
     */
    record End(String id, List<String> addresses) {}

    private Part() {}

    static List<Network> networks(JsonNode answer) {
        List<Network> networks = new ArrayList<>();
        for (JsonNode each : answer) {
            String id = text(each, "Id");
            if (ID.matcher(id).matches()) {
                networks.add(network(id, each));
            }
        }
        return List.copyOf(networks);
    }

    private static Network network(String id, JsonNode each) {
        List<String> subnets = new ArrayList<>();
        each.path("IPAM")
                .path("Config")
                .forEach(config -> {
                    if (!text(config, "Subnet").isEmpty()) {
                        subnets.add(text(config, "Subnet"));
                    }
                });
        String driver = text(each, "Driver");
        String named = text(each.path("Options"), BRIDGE_NAME);
        Optional<String> bridge =
                driver.equals("bridge")
                        ? Optional.of(named.isEmpty() ? BRIDGE + id.substring(0, SHORT) : named)
                        : Optional.empty();
        return new Network(
                id,
                text(each, "Name"),
                driver,
                each.path("Internal").asBoolean(true),
                bridge,
                List.copyOf(subnets),
                texts(each.path("Labels")));
    }

    static List<Container> containers(JsonNode answer) {
        List<Container> containers = new ArrayList<>();
        for (JsonNode each : answer) {
            String id = text(each, "Id");
            if (ID.matcher(id).matches() && text(each, "State").equals("running")) {
                containers.add(container(id, each));
            }
        }
        return List.copyOf(containers);
    }

    private static Container container(String id, JsonNode each) {
        List<String> names = new ArrayList<>();
        each.path("Names").forEach(name -> names.add(name.asString("").replaceFirst("^/", "")));
        Map<String, End> ends = new LinkedHashMap<>();
        each.path("NetworkSettings")
                .path("Networks")
                .forEach(leg -> {
                    List<String> own = new ArrayList<>();
                    for (String key : List.of("IPAddress", "GlobalIPv6Address")) {
                        if (!text(leg, key).isEmpty()) {
                            own.add(text(leg, key));
                        }
                    }
                    if (!own.isEmpty()) {
                        ends.put(
                                text(leg, "NetworkID"),
                                new End(text(leg, "EndpointID"), List.copyOf(own)));
                    }
                });
        return new Container(id, List.copyOf(names), texts(each.path("Labels")), ends);
    }

    static List<String> nameServers(JsonNode container) {
        List<String> servers = new ArrayList<>();
        container.path("HostConfig").path("Dns").forEach(each -> servers.add(each.asString("")));
        return List.copyOf(servers);
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.forEachEntry((key, value) -> texts.put(key, value.asString("")));
        return texts;
    }

    private static String text(JsonNode object, String key) {
        return object.path(key).asString("");
    }
}
