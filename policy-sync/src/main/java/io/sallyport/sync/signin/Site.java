package io.sallyport.sync.signin;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.signin.SignIn.Refused;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a browser says of itself: its cookies, and which page a request comes from. */
final class Site {
    /** The browser's session, and the browser while it is at the provider. */
    enum Cookie {
        SESSION("sallyport"),
        ATTEMPT("sallyport-signin");

        private final String plain;

        Cookie(String plain) {
            this.plain = plain;
        }

        /** With the prefix a browser takes it only over TLS and only from this very host. */
        private String name(boolean tls) {
            return (tls ? "__Host-" : "") + plain;
        }
    }

    private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final HeaderName FETCH_MODE = HeaderNames.create("Sec-Fetch-Mode");
    private static final String SAME_ORIGIN = "same-origin";

    private final Optional<URI> publicUrl;

    Site(Optional<URI> publicUrl) {
        this.publicUrl = publicUrl;
    }

    /**
     * Whether browsers come over TLS. Without it they must be on this host.
     *
     * @throws Refused if a cookie could be read on the way
     */
    boolean tls(ServerRequest request) throws Refused {
        return tls(request.isSecure(), request.remotePeer().address());
    }

    boolean tls(boolean listenerHasTls, SocketAddress remote) throws Refused {
        if (publicUrl.isPresent()) {
            return publicUrl.get().getScheme().equals("https");
        }
        if (listenerHasTls) {
            return true;
        }
        if (remote instanceof InetSocketAddress from && from.getAddress().isLoopbackAddress()) {
            return false;
        }
        throw new Refused(
                "no-tls",
                "this server is reached without TLS, and others could read a sign-in on the way; set"
                        + " up TLS here, or write the https address of the proxy in front of it as"
                        + " sign-in.public-url");
    }

    /**
     * @throws Refused if the request does not come from a page of ours
     */
    void checkOrigin(ServerRequest request) throws Refused {
        Optional<String> site = request.headers().first(FETCH_SITE);
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        boolean ours =
                site.isPresent()
                        ? site.get().equals(SAME_ORIGIN)
                        : origin.isPresent() && origin.get().equals(own(request));
        if (!ours) {
            throw new Refused(
                    "other-site",
                    "this request does not come from a page of this console; open the console at "
                            + own(request)
                            + " and try again");
        }
    }

    /** A page of another site may link to us, and do nothing else: with our cookie in hand. */
    boolean isLookedAtFromOutside(ServerRequest request) {
        String site = request.headers().first(FETCH_SITE).orElse("none");
        String mode = request.headers().first(FETCH_MODE).orElse("navigate");
        return !site.equals(SAME_ORIGIN) && !site.equals("none") && !mode.equals("navigate");
    }

    private String own(ServerRequest request) {
        return publicUrl
                .map(URI::toString)
                .orElseGet(() ->
                        (request.isSecure() ? "https://" : "http://")
                                + request.headers().first(HeaderNames.HOST).orElse(""));
    }

    /** The value of a cookie, if there is one and not two of them. */
    Optional<Secret> cookie(ServerRequest request, Cookie cookie) throws Refused {
        String name = cookie.name(tls(request));
        List<String> values = new ArrayList<>();
        for (String header : request.headers().values(HeaderNames.COOKIE)) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    values.add(pair.substring(equals + 1).strip());
                }
            }
        }
        return values.size() == 1 ? Secret.of(values.getFirst()) : Optional.empty();
    }

    /**
     * Lax: the way back from the provider comes from another site. What a write needs beside the
     * cookie is checked apart.
     */
    void set(
            ServerRequest request,
            ServerResponse response,
            Cookie cookie,
            String value,
            Duration life)
            throws Refused {
        boolean tls = tls(request);
        response.headers()
                .add(
                        HeaderNames.SET_COOKIE,
                        cookie.name(tls)
                                + "="
                                + value
                                + "; Path=/; HttpOnly; SameSite=Lax; Max-Age="
                                + life.toSeconds()
                                + (tls ? "; Secure" : ""));
    }

    void clear(ServerRequest request, ServerResponse response, Cookie cookie) throws Refused {
        set(request, response, cookie, "", Duration.ZERO);
    }
}
