package io.sallyport.sync.signin;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.SignIn.Refused;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What is sent back: a redirect, a problem (RFC 9457) for the console's code, a page for a person.
 */
final class Answers {
    static final Status TOO_MANY = Status.create(429, "Too Many Requests");

    /** Reasons that are not a 403. */
    static final String UNKNOWN_TOKEN = "unknown-token";

    static final String UNREADABLE = "unreadable";

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none';"
                    + " frame-ancestors 'none'; base-uri 'none'";

    /** The console's own style; without it the page is as readable, and plain. */
    private static final String PAGE =
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Not signed in · Sallyport</title>
            <link rel="stylesheet" href="/console/base.css">
            <link rel="stylesheet" href="/console/parts.css">
            <link rel="stylesheet" href="/console/frame.css">
            </head>
            <body>
            <div class="sign-in"><main id="main">
            <h1>Not signed in</h1>
            <p>SENTENCE.</p>
            <p><a class="button main" href="/">Back to the sign-in page</a></p>
            </main></div>
            </body>
            </html>
            """;

    private Answers() {}

    /** The address of these answers may hold a code: nothing keeps them, nobody is told of them. */
    static void secure(ServerResponse response) {
        response.header(HeaderNames.CACHE_CONTROL, "no-store")
                .header(HeaderNames.create("Referrer-Policy"), "no-referrer")
                .header(HeaderNames.create("Content-Security-Policy"), POLICY)
                .header(HeaderNames.create("X-Content-Type-Options"), "nosniff")
                .header(HeaderNames.create("X-Frame-Options"), "DENY");
    }

    static Status status(Refused refused) {
        return switch (refused.reason()) {
            case UNKNOWN_TOKEN -> Status.UNAUTHORIZED_401;
            case UNREADABLE -> Status.BAD_REQUEST_400;
            default -> Status.FORBIDDEN_403;
        };
    }

    /** 303: what comes next is a GET, whatever this was (RFC 9700 §4.12). */
    static void redirect(ServerResponse response, String location) {
        response.status(Status.SEE_OTHER_303).header(HeaderNames.LOCATION, location).send();
    }

    static void problem(ServerResponse response, Status status, String sentence) {
        String body =
                Document.canonical(
                        Map.of(
                                "type",
                                "about:blank",
                                "title",
                                status.reasonPhrase(),
                                "status",
                                (long) status.code(),
                                "detail",
                                sentence));
        send(response, status, "application/problem+json", body);
    }

    static void page(ServerResponse response, Status status, String sentence) {
        String text = Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
        send(response, status, "text/html; charset=utf-8", PAGE.replace("SENTENCE", escaped(text)));
    }

    private static void send(ServerResponse response, Status status, String type, String body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, type)
                .send(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
