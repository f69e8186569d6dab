package io.sallyport.sync.docker;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The node's side: what of the engine's it guards, and the ways to change that. */
final class Post {
    /**
     * A network of the node that was made here.
     *
     * @param session that runs there
     */
    record Held(String id, String interfaceName, Set<String> addresses, Optional<String> session) {
        boolean isAt(Place place) {
            return interfaceName.equals(place.bridge())
                    && addresses.equals(canonical(place.addresses()));
        }
    }

    private final NodeClient node;

    Post(NodeClient node) {
        this.node = node;
    }

    Map<String, Held> held() throws IOException, NodeClient.Refused {
        Map<String, Held> held = new LinkedHashMap<>();
        for (JsonNode each : node.get("/v1/networks").path("networks")) {
            String id = each.path("id").asString("");
            if (id.startsWith(Place.PREFIX)) {
                List<String> addresses =
                        each.path("addresses").valueStream().map(a -> a.asString("")).toList();
                held.put(
                        id,
                        new Held(
                                id,
                                each.path("interface").asString(""),
                                canonical(addresses),
                                Optional.ofNullable(each.path("session").asString(null))));
            }
        }
        return held;
    }

    Map<String, JsonNode> sessions() throws IOException, NodeClient.Refused {
        Map<String, JsonNode> sessions = new LinkedHashMap<>();
        node.get("/v1/sessions")
                .path("sessions")
                .forEach(each -> sessions.put(each.path("id").asString(""), each));
        return sessions;
    }

    /** From now on nothing gets out of the place until a session says what. */
    void close(Place place) throws IOException, NodeClient.Refused {
        node.post("/v1/networks", at(place).put("id", place.id()));
    }

    /**
     * @param id of the session, null for one that the node makes up
     */
    JsonNode begin(
            Place place, @Nullable String id, String org, Optional<String> agent, boolean observe)
            throws IOException, NodeClient.Refused {
        ObjectNode body = at(place).put("org", org);
        if (id != null) {
            body.put("id", id);
        }
        agent.ifPresent(name -> body.put("agent", name));
        if (observe) {
            body.put("mode", "observe");
        }
        return node.post("/v1/sessions", body);
    }

    /** Ends its session and forgets the place. */
    void end(Held held) throws IOException, NodeClient.Refused {
        if (held.session().isPresent()) {
            node.delete("/v1/sessions/" + held.session().get());
        }
        node.delete("/v1/networks/" + held.id());
    }

    private static ObjectNode at(Place place) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("interface", place.bridge());
        ArrayNode addresses = body.putArray("addresses");
        place.addresses().forEach(addresses::add);
        return body;
    }

    private static Set<String> canonical(List<String> addresses) {
        Set<String> canonical = new TreeSet<>();
        for (String address : addresses) {
            try {
                canonical.add(Cidr.parse(address).toString());
            } catch (IllegalArgumentException e) {
                canonical.add(address); // equal to nothing that the node has
            }
        }
        return canonical;
    }
}
