package io.sallyport.sync.control;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.control.Callers.Caller;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.token.Tokens.Holder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request as an endpoint sees it: its caller is known, may do this, and the body is there. */
final class Call {
    private static final Pattern ETAG = Pattern.compile("\"([0-9]{1,18})\"");

    private final Target target;
    private final Map<String, String> query;
    private final ServerRequest request;
    private final Optional<Caller> caller;
    private final byte[] body;

    Call(
            Target target,
            Map<String, String> query,
            ServerRequest request,
            Optional<Caller> caller,
            byte[] body) {
        this.target = target;
        this.query = query;
        this.request = request;
        this.caller = caller;
        this.body = body;
    }

    Endpoint endpoint() {
        return target.endpoint();
    }

    Holder holder() {
        return caller.orElseThrow().holder();
    }

    /** What a signed-in browser sends with each change; empty for a token. */
    Optional<String> csrf() {
        return caller.flatMap(Caller::csrf);
    }

    Author author(String why) {
        return holder().author(why);
    }

    String org() {
        return path("org");
    }

    String path(String name) {
        String value = target.path().get(name);
        if (value == null) {
            throw new IllegalStateException(endpoint() + " has no {" + name + "}");
        }
        return value;
    }

    /** A number in the path; what is none names nothing. */
    long pathNumber(String name) throws Problem {
        String text = path(name);
        if (!text.matches("[1-9][0-9]{0,17}")) {
            throw Problem.of(Status.NOT_FOUND_404, "there is no such " + name);
        }
        return Long.parseLong(text);
    }

    /** Method and path, for telling requests apart. */
    String line() {
        return endpoint().method() + " " + request.prologue().uriPath().rawPath();
    }

    /** The org that a list is narrowed to: the caller's own, or the one that is asked for. */
    Optional<String> orgInQuery() throws Problem {
        Optional<String> own = holder().org();
        Optional<String> asked = query("org");
        if (own.isPresent() && asked.isPresent() && !asked.equals(own)) {
            throw Problem.unknownOrg();
        }
        return own.isPresent() ? own : asked.map(Settings::org);
    }

    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** A whole number in the query. */
    long number(String name, long absent, long least, long most) throws Problem {
        String text = query.get(name);
        if (text == null) {
            return absent;
        }
        long number = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
        if (number < least || number > most) {
            throw Problem.bad(name, name + ": write a whole number of " + least + " to " + most);
        }
        return number;
    }

    Optional<String> header(HeaderName name) {
        return request.headers().first(name);
    }

    /** The version that the caller has seen; the change is for that one and no other. */
    long ifMatch() throws Problem {
        String given = header(HeaderNames.IF_MATCH).orElse("");
        if (given.isEmpty()) {
            throw Problem.of(
                    Problem.PRECONDITION_REQUIRED,
                    "this needs If-Match with the ETag of the settings that you have seen, so that"
                            + " nobody's change is overwritten");
        }
        Matcher tag = ETAG.matcher(given);
        if (!tag.matches()) {
            throw Problem.bad(
                    "If-Match", "If-Match: send the one ETag that GET gave, such as \"7\"");
        }
        return Long.parseLong(tag.group(1));
    }

    /** The body as a JSON object. */
    Document.Fields body() throws Problem {
        return document().fields();
    }

    private Document document() throws Problem {
        if (body.length == 0) {
            throw Problem.bad("", "this needs a JSON object as its body");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw Problem.bad("", "the body is not UTF-8 text");
        }
        try {
            return Document.json(text);
        } catch (IllegalArgumentException e) {
            throw Problem.bad("", "the body is not JSON as it is read here: " + e.getMessage());
        }
    }

    /** Refuses a body where none belongs. */
    void noBody() throws Problem {
        if (body.length > 0) {
            throw Problem.of(Status.BAD_REQUEST_400, "this takes no body");
        }
    }
}
