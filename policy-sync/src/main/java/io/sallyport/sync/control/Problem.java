package io.sallyport.sync.control;

import io.helidon.http.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An answer that is an error: RFC 9457, with a sentence that says what to do. */
final class Problem extends Exception {
    private static final long serialVersionUID = 1L;

    static final String TYPE = "application/problem+json";

    /** RFC 9110 §15.5.21. */
    static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");

    static final Status PRECONDITION_REQUIRED = Status.create(428, "Precondition Required");
    static final Status TOO_MANY = Status.create(429, "Too Many Requests");

    /** Resolved against the server's own address (RFC 9457 §3.1.1). */
    static final String CONFIRMATION_REQUIRED = "/problems/confirmation-required";

    private static final String UNTYPED = "about:blank";

    /** How complaints about a document begin: the key that is wrong, then a colon. */
    private static final Pattern PLACE = Pattern.compile("([a-z][a-z0-9-]{0,63})[\\[.:].*");

    private final Status status;
    private final String type;
    private final String field;
    private final transient Map<String, JsonNode> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    private Problem(Status status, String type, String field, String detail) {
        super(detail, null, false, false); // it tells of the request, not of a place in here
        this.status = status;
        this.type = type;
        this.field = field;
    }

    static Problem of(Status status, String detail) {
        return new Problem(status, UNTYPED, "", detail);
    }

    static Problem typed(Status status, String type, String detail) {
        return new Problem(status, type, "", detail);
    }

    /** The request cannot be read. */
    static Problem bad(String field, String detail) {
        return new Problem(Status.BAD_REQUEST_400, UNTYPED, field, detail);
    }

    /** It can be read, and what it says cannot be. */
    static Problem invalid(IllegalArgumentException complaint) {
        String detail = String.valueOf(complaint.getMessage());
        Matcher place = PLACE.matcher(detail.lines().findFirst().orElse(""));
        return new Problem(UNPROCESSABLE, UNTYPED, place.matches() ? place.group(1) : "", detail);
    }

    static Problem invalid(String field, String detail) {
        return new Problem(UNPROCESSABLE, UNTYPED, field, detail);
    }

    /** The same words whether the org is not there or not the caller's. */
    static Problem unknownOrg() {
        return of(
                Status.NOT_FOUND_404,
                "there is no such org among those that you may see; GET /v1/orgs lists them");
    }

    Problem with(String name, JsonNode member) {
        members.put(name, member);
        return this;
    }

    Problem header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    Status status() {
        return status;
    }

    Reply reply() {
        ObjectNode body = Json.object().put("type", type);
        body.put("title", type.equals(UNTYPED) ? status.reasonPhrase() : title());
        body.put("status", status.code());
        body.put("detail", Optional.ofNullable(getMessage()).orElse(""));
        if (!field.isEmpty()) {
            body.put("field", field);
        }
        members.forEach(body::set);
        Reply reply = Reply.of(status, TYPE, Json.octets(body));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            reply = reply.with(header.getKey(), header.getValue());
        }
        return reply;
    }

    /** {@code confirmation-required} as {@code Confirmation required}. */
    private String title() {
        String words = type.substring(type.lastIndexOf('/') + 1).replace('-', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
