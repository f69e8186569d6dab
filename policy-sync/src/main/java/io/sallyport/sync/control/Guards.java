package io.sallyport.sync.control;

import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.DirectHandlers;
import java.util.LinkedHashMap;
import java.util.Map;

/** Headers that every answer has, and answers to what is not HTTP enough to reach the gate. */
final class Guards {
    private static final Map<String, String> ALWAYS = new LinkedHashMap<>();

    static {
        ALWAYS.put("Cache-Control", "no-store");
        ALWAYS.put("X-Content-Type-Options", "nosniff");
        ALWAYS.put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        ALWAYS.put("Referrer-Policy", "no-referrer");
        ALWAYS.put("Cross-Origin-Resource-Policy", "same-origin");
    }

    /** Two years, as browsers' preload lists want it; RFC 6797 §6.1.1. */
    private static final String HSTS = "max-age=63072000";

    private Guards() {}

    static Map<String, String> headers(boolean tls) {
        if (!tls) {
            return ALWAYS;
        }
        Map<String, String> headers = new LinkedHashMap<>(ALWAYS);
        headers.put("Strict-Transport-Security", HSTS);
        return headers;
    }

    /** Helidon's own answers, as problems; nothing of the request is in them. */
    static void direct(DirectHandlers.Builder handlers) {
        for (EventType type : EventType.values()) {
            handlers.addHandler(type, handler());
        }
    }

    private static DirectHandler handler() {
        return (request, type, status, headers, message) -> {
            Reply reply = Problem.of(status, "the server cannot take this as a request").reply();
            var response =
                    DirectHandler.TransportResponse.builder()
                            .status(status)
                            .headers(headers)
                            .keepAlive(false)
                            .header(HeaderNames.CONTENT_TYPE, reply.type());
            if (reply.body() instanceof Reply.Body.Whole whole) {
                response.entity(whole.octets());
            }
            ALWAYS.forEach((name, value) -> response.header(HeaderNames.create(name), value));
            return response.build();
        };
    }
}
