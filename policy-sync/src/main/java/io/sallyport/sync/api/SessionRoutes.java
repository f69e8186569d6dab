package io.sallyport.sync.api;

import com.google.common.net.InetAddresses;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.sync.api.Problem.BadRequest;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/sessions}, {@code /v1/networks} and {@code /v1/rules}. */
final class SessionRoutes {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Sessions sessions;

    SessionRoutes(Sessions sessions) {
        this.sessions = sessions;
    }

    void add(HttpRouting.Builder routing) {
        routing.post("/v1/sessions", this::start)
                .get("/v1/sessions", this::listSessions)
                .get("/v1/sessions/{id}", this::show)
                .delete("/v1/sessions/{id}", this::end)
                .post("/v1/networks", this::attach)
                .get("/v1/networks", this::listNetworks)
                .delete("/v1/networks/{id}", this::detach)
                .get("/v1/rules/{id}", this::rules);
    }

    private void start(ServerRequest request, ServerResponse response)
            throws BadRequest, Sessions.Rejected, PolicySource.Refused, IOException {
        ObjectNode body = body(request, List.of("org", "agent", "interface", "addresses", "mode"));
        Sessions.Network network =
                sessions.start(
                        text(body, "org"), optionalText(body, "agent"), place(body), mode(body));
        send(response, Status.CREATED_201, session(network));
    }

    private static Sessions.Mode mode(ObjectNode body) throws BadRequest {
        String given = optionalText(body, "mode");
        for (Sessions.Mode mode : Sessions.Mode.values()) {
            if (given == null || given.equals(mode.text())) {
                return mode;
            }
        }
        throw new BadRequest("mode", "\"mode\" should be \"enforce\" or \"observe\"");
    }

    private void listSessions(ServerRequest request, ServerResponse response) {
        ArrayNode list = JSON.createArrayNode();
        for (Sessions.Network network : sessions.list()) {
            if (network.session() != null) {
                list.add(session(network));
            }
        }
        send(response, Status.OK_200, JSON.createObjectNode().set("sessions", list));
    }

    private void show(ServerRequest request, ServerResponse response) throws Sessions.Rejected {
        send(response, Status.OK_200, report(sessions.show(id(request))));
    }

    private void end(ServerRequest request, ServerResponse response)
            throws Sessions.Rejected, IOException {
        send(response, Status.OK_200, report(sessions.end(id(request))));
    }

    private void attach(ServerRequest request, ServerResponse response)
            throws BadRequest, Sessions.Rejected, IOException {
        ObjectNode body = body(request, List.of("interface", "addresses"));
        send(response, Status.CREATED_201, network(sessions.attach(place(body))));
    }

    private void listNetworks(ServerRequest request, ServerResponse response) {
        ArrayNode list = JSON.createArrayNode();
        sessions.list().forEach(network -> list.add(network(network)));
        send(response, Status.OK_200, JSON.createObjectNode().set("networks", list));
    }

    private void detach(ServerRequest request, ServerResponse response)
            throws Sessions.Rejected, IOException {
        sessions.detach(id(request));
        response.status(Status.NO_CONTENT_204).send();
    }

    private void rules(ServerRequest request, ServerResponse response) throws Sessions.Rejected {
        ArrayNode scripts = JSON.createArrayNode();
        for (Firewall.Script script : sessions.scripts(id(request))) {
            scripts.add(
                    JSON.createObjectNode()
                            .put("program", script.program())
                            .put("text", script.text()));
        }
        send(response, Status.OK_200, JSON.createObjectNode().set("scripts", scripts));
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private static ObjectNode body(ServerRequest request, List<String> fields) throws BadRequest {
        JsonNode node;
        try {
            node = JSON.readTree(request.content().inputStream());
        } catch (JacksonException e) {
            throw new BadRequest("", "the body is not JSON: " + e.getOriginalMessage());
        }
        if (!(node instanceof ObjectNode body)) {
            throw new BadRequest(
                    "", "the body should be a JSON object with " + String.join(", ", fields));
        }
        for (String name : body.propertyNames()) {
            if (!fields.contains(name)) {
                throw new BadRequest(
                        name,
                        "there is no field \""
                                + name
                                + "\"; known are "
                                + String.join(", ", fields));
            }
        }
        return body;
    }

    private static String text(ObjectNode body, String field) throws BadRequest {
        String value = optionalText(body, field);
        if (value == null || value.isBlank()) {
            throw new BadRequest(field, "\"" + field + "\" is missing");
        }
        return value;
    }

    private static @Nullable String optionalText(ObjectNode body, String field) throws BadRequest {
        JsonNode value = body.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new BadRequest(field, "\"" + field + "\" should be a string");
        }
        return value.stringValue();
    }

    private static Sessions.Place place(ObjectNode body) throws BadRequest {
        List<Cidr> addresses = new ArrayList<>();
        if (!(body.get("addresses") instanceof ArrayNode listed)) {
            throw new BadRequest(
                    "addresses", "\"addresses\" should be a list such as [\"10.0.0.2/32\"]");
        }
        for (JsonNode address : listed) {
            try {
                addresses.add(
                        Cidr.parse(
                                address.isString() ? address.stringValue() : address.toString()));
            } catch (IllegalArgumentException e) {
                throw new BadRequest("addresses", String.valueOf(e.getMessage()));
            }
        }
        return new Sessions.Place(text(body, "interface"), addresses);
    }

    private static ObjectNode network(Sessions.Network network) {
        ObjectNode node =
                JSON.createObjectNode()
                        .put("id", network.id())
                        .put("interface", network.place().interfaceName())
                        .put("state", network.session() == null ? "pending" : "bound");
        ArrayNode addresses = node.putArray("addresses");
        network.place().addresses().forEach(address -> addresses.add(address.toString()));
        if (network.session() != null) {
            node.put("session", network.session().id());
        }
        return node;
    }

    private static ObjectNode session(Sessions.Network network) {
        Sessions.Session session = network.session();
        if (session == null) {
            throw new IllegalStateException("network " + network.id() + " has no session");
        }
        ObjectNode node =
                JSON.createObjectNode()
                        .put("id", session.id())
                        .put("org", session.org())
                        .put("agent", session.agent())
                        .put("state", "bound")
                        .put("mode", session.mode().text())
                        .put("started", session.started().toString())
                        .put("level", session.snapshot().level())
                        .put("internet", session.snapshot().internet())
                        .put("settings-version", session.snapshot().version())
                        .put("snapshot", session.snapshot().digest());
        return node.set("network", network(network));
    }

    private static ObjectNode report(Sessions.Report report) {
        ObjectNode node = session(report.network());
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

    private static void send(ServerResponse response, Status status, JsonNode body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(body.toString().getBytes(StandardCharsets.UTF_8));
    }
}
