package io.sallyport.sync.control;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Map;

/** A request for each endpoint that its server carries out, whatever ran before it. */
final class Sample {
    private static final Map<Endpoint, String> BODIES =
            Map.ofEntries(
                    Map.entry(Endpoint.ORG_CREATE, "{\"org\": \"made\", \"why\": \"a customer\"}"),
                    Map.entry(
                            Endpoint.SETTINGS_PUT,
                            "{\"internet-access\": true, \"level\": \"none\", \"allow\":"
                                    + " [\"b.example\"], \"why\": \"less\"}"),
                    Map.entry(
                            Endpoint.DOMAINS_ADD,
                            "{\"domains\": \"a.example.com, *.b.example.com\", \"why\": \"builds\"}"),
                    Map.entry(Endpoint.CHECK, "{\"domains\": [\"a.example\", \"b..example\"]}"),
                    Map.entry(Endpoint.IMPACT, "{\"allow\": [\"www.example.net\"], \"days\": 2}"),
                    Map.entry(Endpoint.ROLLBACK, "{\"version\": 1, \"why\": \"back\"}"),
                    Map.entry(Endpoint.AGENT_PUT, "{\"code-execution\": false, \"why\": \"x\"}"),
                    Map.entry(
                            Endpoint.ORG_EMERGENCY_ADD,
                            "{\"domains\": [\"bad.example\"], \"why\": \"stolen\"}"),
                    Map.entry(
                            Endpoint.EMERGENCY_ADD,
                            "{\"domains\": [\"worse.example\"], \"why\": \"stolen\"}"),
                    Map.entry(
                            Endpoint.TOKEN_CREATE,
                            "{\"name\": \"ci\", \"role\": \"org-viewer\", \"org\": \"acme\","
                                    + " \"expires-in-days\": 9}"));

    private Sample() {}

    static Answer send(Running server, Who who, Endpoint endpoint) {
        String path = path(server, endpoint);
        return switch (endpoint.method()) {
            case "GET" -> server.get(who, path);
            case "DELETE" -> server.delete(who, path);
            default ->
                    server.send(
                            who,
                            endpoint.method(),
                            path,
                            BodyPublishers.ofString(body(endpoint)),
                            headers(server, endpoint));
        };
    }

    static String body(Endpoint endpoint) {
        return endpoint == Endpoint.REPORT
                ? """
                {"sessions": [{"id": "s1", "org": "acme", "agent": "coder", "state": "bound",
                               "mode": "enforce", "snapshot": "00ff", "version": 1,
                               "started": "2030-01-01T00:00:00Z"}],
                 "decisions": [{"org": "acme", "session": "s1", "name": "www.example.net",
                                "verdict": "denied", "reason": "not-allowed", "count": 2,
                                "first": "%1$s", "last": "%1$s"}],
                 "emergency-version": 0}
                """
                        .formatted(Instant.now())
                : BODIES.getOrDefault(endpoint, "{}");
    }

    static String[] headers(Running server, Endpoint endpoint) {
        return switch (endpoint) {
            case SETTINGS_PUT, ROLLBACK ->
                    new String[] {"Content-Type", "application/json", "If-Match", server.version()};
            default -> new String[] {"Content-Type", "application/json"};
        };
    }

    /** With what the path names made before. */
    static String path(Running server, Endpoint endpoint) {
        String path =
                endpoint.path()
                        .replace("{org}", "acme")
                        .replace("{agent}", "coder")
                        .replace("{version}", "1")
                        .replace("{namespace}", "team-a")
                        .replace("{node}", "n1");
        return switch (endpoint) {
            case NAMESPACES -> path + "?org=acme&namespace=team-a&limit=3";
            case NAMESPACE_UNMAP -> {
                server.put(Who.PLATFORM, path, "{\"why\": \"a team of theirs\"}");
                yield path;
            }
            case DOMAIN_REMOVE -> {
                server.post(
                        Who.PLATFORM,
                        "/v1/orgs/acme/network-access/domains",
                        "{\"domains\": \"gone.example\"}");
                yield path.replace("{pattern}", "gone.example");
            }
            case SESSIONS, SESSION_END, DENIED, QUERIES, OBSERVED -> {
                server.post(Who.NODE, "/v1/nodes/n1/report", body(Endpoint.REPORT));
                yield path.replace("{session}", "s1");
            }
            case ORG_EMERGENCY_LIFT ->
                    path.replace("{id}", made(server, Endpoint.ORG_EMERGENCY_ADD));
            case EMERGENCY_LIFT -> path.replace("{id}", made(server, Endpoint.EMERGENCY_ADD));
            case TOKEN_REVOKE ->
                    path.replace(
                            "{id}",
                            send(server, Who.PLATFORM, Endpoint.TOKEN_CREATE)
                                    .json()
                                    .path("id")
                                    .asString());
            case SIGN_IN_END -> {
                server.signIn(Who.VIEWER);
                yield path.replace("{person}", signedIn(server));
            }
            case EXPLAIN -> path + "?name=www.example.com";
            case POLICY -> path + "?agent=someone";
            case AUDIT, TOKENS -> path + "?org=acme&limit=3";
            default -> path;
        };
    }

    private static String signedIn(Running server) {
        Answer answer = server.get(Who.PLATFORM, "/v1/sign-ins");
        return answer.json().path("items").path(0).path("person").asString();
    }

    private static String made(Running server, Endpoint endpoint) {
        Answer answer = send(server, Who.PLATFORM, endpoint);
        return answer.json().path("items").path(0).path("id").asString();
    }
}
