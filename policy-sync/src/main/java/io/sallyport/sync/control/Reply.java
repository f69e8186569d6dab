package io.sallyport.sync.control;

import io.helidon.http.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What is sent back.
 *
 * @param type of the body; empty where there is none
 */
record Reply(Status status, String type, Map<String, String> headers, Body body) {
    /** Octets that are there, or octets that come one after another. */
    sealed interface Body {
        final class Whole implements Body {
            private final byte[] octets;

            Whole(byte[] octets) {
                this.octets = octets;
            }

            byte[] octets() {
                return octets;
            }
        }

        record Flowing(Writer writer) implements Body {}
    }

    /** Writes a body that may be too long to be held. */
    interface Writer {
        void write(OutputStream out) throws IOException;
    }

    static Reply of(Status status, String type, byte[] octets) {
        return new Reply(status, type, Map.of(), new Body.Whole(octets));
    }

    static Reply ok(JsonNode body) {
        return json(Status.OK_200, body);
    }

    static Reply json(Status status, JsonNode body) {
        return of(status, "application/json", Json.octets(body));
    }

    static Reply nothing() {
        return of(Status.NO_CONTENT_204, "", new byte[0]);
    }

    static Reply flowing(String type, Writer writer) {
        return new Reply(Status.OK_200, type, Map.of(), new Body.Flowing(writer));
    }

    Reply with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, type, more, body);
    }

    /** A strong validator: what it names is the same octet for octet. */
    Reply etag(String tag) {
        return with("ETag", '"' + tag + '"');
    }
}
