package io.sallyport.resolver.upstream.endpoint;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.upstream.endpoint.Endpoint.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The text of an upstream. */
final class EndpointText {
    private static final String SCHEME = "tls://";
    private static final String PIN = "sha256/";
    private static final int DNS_PORT = 53;
    private static final int TLS_PORT = 853; // RFC 7858 §3.1
    private static final int MAX_PORT = 0xffff;

    /** A name, a path and some pins; longer is a mistake. */
    private static final int MAX_TEXT = 6000;

    private EndpointText() {}

    static Endpoint read(String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("an upstream is an address, not a text that long");
        }
        int scheme = text.indexOf("://");
        if (scheme < 0) {
            return Endpoint.plain(plain(text));
        }
        if (!text.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw new IllegalArgumentException(
                    "\""
                            + text
                            + "\" should be an address, or tls:// and an address; \""
                            + text.substring(0, scheme)
                            + "\" is not spoken here");
        }
        return secure(text, text.substring(SCHEME.length()));
    }

    private static InetSocketAddress plain(String text) {
        if (text.contains("#") || text.contains(";")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" names what only TLS can prove; write tls:// in front of it");
        }
        return socket(text, DNS_PORT);
    }

    private static Endpoint secure(String text, String rest) {
        int hash = rest.indexOf('#');
        InetSocketAddress address = socket(hash < 0 ? rest : rest.substring(0, hash), TLS_PORT);
        String[] parts = hash < 0 ? new String[] {""} : rest.substring(hash + 1).split(";", -1);
        List<String> pins = new ArrayList<>();
        Optional<Path> authorities = Optional.empty();
        for (int i = 1; i < parts.length; i++) {
            String value = parts[i].substring(parts[i].indexOf('=') + 1);
            if (parts[i].startsWith("pin=" + PIN)) {
                pins.add(value.substring(PIN.length()));
            } else if (parts[i].startsWith("ca=") && !value.isEmpty() && authorities.isEmpty()) {
                authorities = Optional.of(Path.of(value));
            } else {
                throw new IllegalArgumentException(
                        "\""
                                + text
                                + "\" has \""
                                + parts[i]
                                + "\" behind its name, which should be pin=sha256/BASE64 or, once, ca=FILE");
            }
        }
        try {
            return new Endpoint(address, Optional.of(new Tls(name(parts[0]), pins, authorities)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" " + e.getMessage(), e);
        }
    }

    private static Optional<String> name(String text) {
        String bare = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return bare.isEmpty() ? Optional.empty() : Optional.of(bare.toLowerCase(Locale.ROOT));
    }

    /** Never a name, which nobody could resolve. */
    private static InetSocketAddress socket(String text, int defaultPort) {
        String host = text;
        String port = "";
        int colon = text.lastIndexOf(':');
        if (text.startsWith("[")) {
            int bracket = text.indexOf(']');
            host = bracket < 0 ? text : text.substring(1, bracket);
            port = bracket < 0 ? "" : text.substring(bracket + 1);
        } else if (colon >= 0 && text.indexOf(':') == colon) {
            host = text.substring(0, colon);
            port = text.substring(colon);
        }
        if (!port.isEmpty() && !port.matches(":\\d{1,5}")) {
            throw new IllegalArgumentException("\"" + text + "\" has no port after the colon");
        }
        int number = port.isEmpty() ? defaultPort : Integer.parseInt(port.substring(1));
        if (number == 0 || number > MAX_PORT) {
            throw new IllegalArgumentException(
                    "a port is a number of 1 to 65535, not " + number + ", in \"" + text + "\"");
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(Cidr.address(host)), number);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("\"" + host + "\" is not an IP address", e);
        }
    }
}
