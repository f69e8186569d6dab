package io.sallyport.sync.signin;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Addresses on the web that may be spoken to, and the origins they belong to. */
final class Web {
    private static final int MAX_LENGTH = 2048;
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    private Web() {}

    /**
     * An address that nobody on the way can read or change: https, or http that stays on this host.
     *
     * @throws IllegalArgumentException with the fix
     */
    static URI address(String text) {
        URI uri;
        try {
            uri = new URI(text).parseServerAuthority();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "write a whole address, such as https://login.example.com", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "write a whole address, such as https://login.example.com");
        }
        if (!scheme.equals("https") && !(scheme.equals("http") && isLoopback(uri.getHost()))) {
            throw new IllegalArgumentException(
                    "must begin with https:// (http is taken only on this host itself, as in"
                            + " http://127.0.0.1:8080)");
        }
        if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("must have no user name and no # in it");
        }
        return uri;
    }

    /** As browsers write it in {@code Origin}: no path, no port where it is the usual one. */
    static String origin(URI address) {
        String scheme = address.getScheme().toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? HTTPS : HTTP;
        String port =
                address.getPort() < 0 || address.getPort() == usual ? "" : ":" + address.getPort();
        return scheme + "://" + address.getHost().toLowerCase(Locale.ROOT) + port;
    }

    /** Names are not looked up: only what cannot be anything else. */
    private static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.equals("[::1]")
                || host.matches("127(\\.[0-9]{1,3}){3}");
    }
}
