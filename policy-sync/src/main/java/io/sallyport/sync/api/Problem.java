package io.sallyport.sync.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Errors as problems: RFC 9457, with the field of the request that is to blame. */
final class Problem {
    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final JsonMapper JSON = new JsonMapper();

    /** RFC 9110 §15.5.21. */
    private static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");

    private Problem() {}

    static void handle(HttpRouting.Builder routing) {
        routing.error(
                Sessions.Rejected.class,
                (request, response, e) -> {
                    Status status =
                            switch (e.kind()) {
                                case INVALID -> UNPROCESSABLE;
                                case UNKNOWN -> Status.NOT_FOUND_404;
                                case CONFLICT -> Status.CONFLICT_409;
                            };
                    send(response, status, e.field(), String.valueOf(e.getMessage()));
                });
        routing.error(
                PolicySource.Refused.class,
                (request, response, e) ->
                        send(response, UNPROCESSABLE, "org", String.valueOf(e.getMessage())));
        routing.error(
                BadRequest.class,
                (request, response, e) ->
                        send(
                                response,
                                Status.BAD_REQUEST_400,
                                e.field,
                                String.valueOf(e.getMessage())));
        routing.error(IOException.class, (request, response, e) -> unavailable(response, e));
        routing.error(FirewallException.class, (request, response, e) -> unavailable(response, e));
        routing.error(
                HttpException.class,
                (request, response, e) ->
                        send(response, e.status(), "", String.valueOf(e.getMessage())));
        routing.error(
                RuntimeException.class,
                (request, response, e) -> {
                    LOG.error(
                            "request {} {}",
                            request.prologue().method(),
                            request.prologue().uriPath(),
                            e);
                    send(
                            response,
                            Status.INTERNAL_SERVER_ERROR_500,
                            "",
                            "an error on our side; the node's log has it");
                });
    }

    /** The body is not what this path takes. */
    static final class BadRequest extends Exception {
        private static final long serialVersionUID = 1L;
        private final String field;

        BadRequest(String field, String message) {
            super(message);
            this.field = field;
        }
    }

    /** The world's fault, not the caller's. */
    private static void unavailable(ServerResponse response, Exception e) {
        LOG.warn("refused: {}", e.getMessage());
        send(response, Status.SERVICE_UNAVAILABLE_503, "", String.valueOf(e.getMessage()));
    }

    private static void send(ServerResponse response, Status status, String field, String detail) {
        ObjectNode problem =
                JSON.createObjectNode()
                        .put("type", "about:blank")
                        .put("title", status.reasonPhrase())
                        .put("status", status.code())
                        .put("detail", detail);
        if (!field.isEmpty()) {
            problem.put("field", field);
        }
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/problem+json")
                .send(problem.toString().getBytes(StandardCharsets.UTF_8));
    }
}
