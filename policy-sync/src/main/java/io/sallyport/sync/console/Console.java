package io.sallyport.sync.console;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Serves {@code /} and {@code /console/…}. The files are read once, when it is made. */
public final class Console implements HttpService {
    private static final String ROOT = "/console/";
    private static final String START = "index.html";

    /**
     * Nothing but this server's own files; no inline script or style, and no string that becomes
     * markup: the pages make every element by hand, so no Trusted Types policy may exist at all.
     */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
                    + " base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static final List<Header> HEADERS =
            List.of(
                    HeaderValues.create("Content-Security-Policy", CONTENT_SECURITY_POLICY),
                    HeaderValues.create("X-Content-Type-Options", "nosniff"),
                    HeaderValues.create("X-Frame-Options", "DENY"),
                    HeaderValues.create("Referrer-Policy", "no-referrer"),
                    HeaderValues.create("Cross-Origin-Opener-Policy", "same-origin"),
                    HeaderValues.create("Cross-Origin-Resource-Policy", "same-origin"),
                    HeaderValues.create(
                            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
                    // Asked for again each time, answered with 304: a new release shows at once.
                    HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache"));

    private final Map<String, ConsoleFile> files;

    public Console() {
        files =
                ConsoleFile.NAMES.stream()
                        .map(ConsoleFile::read)
                        .collect(Collectors.toUnmodifiableMap(ConsoleFile::name, file -> file));
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", (request, response) -> send(request, response, START))
                .get(
                        ROOT + "*",
                        (request, response) ->
                                send(
                                        request,
                                        response,
                                        request.path().path().substring(ROOT.length())));
    }

    private void send(ServerRequest request, ServerResponse response, String name) {
        ConsoleFile file = files.get(name);
        if (file == null) {
            response.next(); // whoever answers for unknown paths does so for this one
            return;
        }
        HEADERS.forEach(response::header);
        response.header(HeaderNames.ETAG, file.etag());
        if (request.headers().contains(HeaderNames.IF_NONE_MATCH)
                && request.headers()
                        .get(HeaderNames.IF_NONE_MATCH)
                        .allValues()
                        .contains(file.etag())) {
            response.status(Status.NOT_MODIFIED_304).send();
            return;
        }
        response.header(HeaderNames.CONTENT_TYPE, file.type()).send(file.octets());
    }
}
