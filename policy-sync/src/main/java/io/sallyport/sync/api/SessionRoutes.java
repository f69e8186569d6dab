package io.sallyport.sync.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.sync.api.Problem.BadRequest;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.session.Sessions.Begun;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Sessions.Report;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/sessions}, {@code /v1/networks} and {@code /v1/rules}. What is asked for twice under
 * one id is there once: 201 the first time, 200 with the same body later; the end of what has ended
 * is 204.
 */
final class SessionRoutes {
    private final Sessions sessions;
    private final StartTimes times;

    SessionRoutes(Sessions sessions, StartTimes times) {
        this.sessions = sessions;
        this.times = times;
    }

    void add(HttpRouting.Builder routing) {
        routing.post("/v1/sessions", this::start)
                .get("/v1/sessions", this::listSessions)
                .get("/v1/sessions/{id}", this::show)
                .delete("/v1/sessions/{id}", this::end)
                .post("/v1/sessions/{id}/heartbeat", this::heartbeat)
                .post("/v1/heartbeats", this::heartbeats)
                .post("/v1/networks", this::attach)
                .get("/v1/networks", this::listNetworks)
                .delete("/v1/networks/{id}", this::detach)
                .get("/v1/rules/{id}", this::rules);
    }

    private void start(ServerRequest request, ServerResponse response)
            throws BadRequest, Rejected, PolicySource.Refused, IOException {
        Asked asked =
                Asked.of(request, "id", "org", "agent", "interface", "addresses", "mode", "lease");
        Sessions.Request wanted = asked.session();
        Begun begun = times.time(() -> sessions.start(wanted));
        send(response, created(begun), Answers.session(begun.network()));
    }

    private static Status created(Begun begun) {
        return begun.fresh() ? Status.CREATED_201 : Status.OK_200;
    }

    private void listSessions(ServerRequest request, ServerResponse response)
            throws BadRequest, IOException {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        if (isStaleWanted(request)) {
            sessions.stale().forEach(stale -> list.add(Answers.stale(stale)));
        } else {
            for (Network network : sessions.list()) {
                if (network.session() != null) {
                    list.add(Answers.session(network, sessions.left(network.session().id())));
                }
            }
        }
        send(response, Status.OK_200, object().set("sessions", list));
    }

    private static boolean isStaleWanted(ServerRequest request) throws BadRequest {
        for (String name : request.query().names()) {
            if (!name.equals("stale")) {
                throw new BadRequest(name, "this path takes one parameter, stale=true");
            }
        }
        return switch (request.query().first("stale").orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadRequest("stale", "\"stale\" should be true or false");
        };
    }

    private void show(ServerRequest request, ServerResponse response) throws Rejected {
        Report report = sessions.show(id(request));
        send(response, Status.OK_200, Answers.report(report, sessions.left(id(request))));
    }

    private void end(ServerRequest request, ServerResponse response) throws Rejected, IOException {
        Optional<Report> report = sessions.end(id(request));
        if (report.isPresent()) {
            send(response, Status.OK_200, Answers.report(report.get(), OptionalLong.empty()));
        } else {
            response.status(Status.NO_CONTENT_204).send();
        }
    }

    private void heartbeat(ServerRequest request, ServerResponse response) throws Rejected {
        String id = id(request);
        OptionalLong left = sessions.heartbeat(id);
        ObjectNode answer = object().put("id", id);
        left.ifPresent(seconds -> answer.put("lease-left", seconds));
        send(response, Status.OK_200, answer);
    }

    /** For many at once: those that are not there are no reason to refuse the others. */
    private void heartbeats(ServerRequest request, ServerResponse response) throws BadRequest {
        ObjectNode answer = object();
        ArrayNode renewed = answer.putArray("renewed");
        ArrayNode unknown = answer.putArray("unknown");
        for (String id : Asked.of(request, "ids").texts("ids", "of session ids")) {
            try {
                var _ = sessions.heartbeat(id);
                renewed.add(id);
            } catch (Rejected e) {
                unknown.add(id);
            }
        }
        send(response, Status.OK_200, answer);
    }

    private void attach(ServerRequest request, ServerResponse response)
            throws BadRequest, Rejected, IOException {
        Asked asked = Asked.of(request, "id", "interface", "addresses");
        Begun begun = sessions.attach(asked.optionalText("id"), asked.place());
        send(response, created(begun), Answers.network(begun.network()));
    }

    private void listNetworks(ServerRequest request, ServerResponse response) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        sessions.list().forEach(network -> list.add(Answers.network(network)));
        send(response, Status.OK_200, object().set("networks", list));
    }

    private void detach(ServerRequest request, ServerResponse response)
            throws Rejected, IOException {
        var _ = sessions.detach(id(request));
        response.status(Status.NO_CONTENT_204).send();
    }

    private void rules(ServerRequest request, ServerResponse response) throws Rejected {
        ArrayNode scripts = JsonNodeFactory.instance.arrayNode();
        for (Firewall.Script script : sessions.scripts(id(request))) {
            scripts.addObject().put("program", script.program()).put("text", script.text());
        }
        send(response, Status.OK_200, object().set("scripts", scripts));
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void send(ServerResponse response, Status status, JsonNode body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(body.toString().getBytes(StandardCharsets.UTF_8));
    }
}
