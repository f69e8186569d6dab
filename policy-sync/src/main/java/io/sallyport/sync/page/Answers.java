package io.sallyport.sync.page;

import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.page.Page.Teller;
import io.sallyport.sync.page.Page.Told;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one request (RFC 9112) as far as it matters, answers it and closes. */
final class Answers {
    /** A name of 253 characters, each escaped, and the headers of any client. */
    private static final int MAX_HEAD = 8192;

    private final Teller teller;

    Answers(Teller teller) {
        this.teller = teller;
    }

    /** A request's first line and what it accepts. */
    private record Request(String method, String path, String query, boolean json) {}

    /** An answer. */
    private record Answer(int status, String reason, String type, String body) {
        static Answer text(int status, String reason, String body) {
            return new Answer(status, reason, "text/plain", body);
        }
    }

    void serve(Socket client, Binding network) throws IOException {
        String head = head(client.getInputStream());
        Request request = head == null ? null : request(head);
        Answer answer =
                request == null
                        ? Answer.text(400, "Bad Request", "That is no HTTP request.\n")
                        : answer(request, network);
        boolean bodiless = request != null && request.method().equals("HEAD");
        OutputStream out = client.getOutputStream();
        out.write(octets(answer, bodiless));
        out.flush();
        client.shutdownOutput();
        // What the client still sends is read away, for a reset would take the answer with it.
        var _ = client.getInputStream().readNBytes(MAX_HEAD);
    }

    /** Up to the empty line; null if there is none within bounds. */
    private static @Nullable String head(InputStream in) throws IOException {
        byte[] octets = new byte[MAX_HEAD];
        int length = 0;
        while (length < MAX_HEAD) {
            int read = in.read(octets, length, MAX_HEAD - length);
            if (read < 0) {
                return null;
            }
            length += read;
            String text = new String(octets, 0, length, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0) {
                return text.substring(0, end);
            }
        }
        return null;
    }

    private static @Nullable Request request(String head) {
        String[] lines = head.split("\r\n", -1);
        String[] words = lines[0].split(" ", -1);
        if (words.length != 3 || !words[2].startsWith("HTTP/1.") || !words[1].startsWith("/")) {
            return null;
        }
        boolean json = false;
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i].toLowerCase(Locale.ROOT);
            json |= line.startsWith("accept:") && line.contains("application/json");
        }
        int mark = words[1].indexOf('?');
        return new Request(
                words[0],
                mark < 0 ? words[1] : words[1].substring(0, mark),
                mark < 0 ? "" : words[1].substring(mark + 1),
                json);
    }

    private Answer answer(Request request, Binding network) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return Answer.text(405, "Method Not Allowed", "Only GET is answered here.\n");
        }
        if (request.path().equals("/")) {
            return Answer.text(200, "OK", Page.GREETING);
        }
        if (!request.path().equals("/explain")) {
            return Answer.text(404, "Not Found", "Nothing is here. " + Page.GREETING);
        }
        try {
            String name = name(request.query());
            if (name.isBlank()) {
                throw new IllegalArgumentException(
                        "no name was asked about. " + Page.GREETING.strip());
            }
            Told told = teller.tell(network, name);
            return request.json()
                    ? new Answer(200, "OK", "application/json", told.json())
                    : Answer.text(200, "OK", told.text());
        } catch (IllegalArgumentException e) {
            return bad(request.json(), printable(String.valueOf(e.getMessage())));
        }
    }

    private static Answer bad(boolean json, String detail) {
        return json
                ? new Answer(
                        400,
                        "Bad Request",
                        "application/problem+json",
                        Document.canonical(
                                Map.of(
                                        "type", "about:blank",
                                        "title", "Bad Request",
                                        "status", 400,
                                        "detail", detail,
                                        "field", "name")))
                : Answer.text(400, "Bad Request", detail + "\n");
    }

    /** The first of that name; RFC 3986 escapes, and + for a space as forms have it. */
    private static String name(String query) {
        for (String part : query.split("&", -1)) {
            if (part.startsWith("name=")) {
                return URLDecoder.decode(part.substring("name=".length()), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static byte[] octets(Answer answer, boolean bodiless) {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 "
                        + answer.status()
                        + " "
                        + answer.reason()
                        + "\r\nContent-Type: "
                        + answer.type()
                        + "; charset=utf-8\r\nContent-Length: "
                        + body.length
                        + "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
                        + "\r\nConnection: close\r\n\r\n";
        byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
        if (bodiless) {
            return start;
        }
        byte[] whole = java.util.Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, whole, start.length, body.length);
        return whole;
    }
}
