package io.sallyport.sync.console;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** One file of the console, as it is sent. */
final class ConsoleFile {
    /** A class path cannot be listed. A test holds this list against the source tree. */
    static final List<String> NAMES =
            List.of(
                    "index.html",
                    "icon.svg",
                    "base.css",
                    "frame.css",
                    "parts.css",
                    "pages.css",
                    "theme.js",
                    "app.js",
                    "api.js",
                    "chart.js",
                    "dialog.js",
                    "diff.js",
                    "dom.js",
                    "drafts.js",
                    "frame.js",
                    "pages.js",
                    "parts.js",
                    "patterns.js",
                    "presets.js",
                    "sign-in.js",
                    "words.js",
                    "pages/advanced.js",
                    "pages/agents.js",
                    "pages/allow.js",
                    "pages/audit.js",
                    "pages/denied.js",
                    "pages/domains.js",
                    "pages/emergency.js",
                    "pages/history.js",
                    "pages/levels.js",
                    "pages/namespaces.js",
                    "pages/network-access.js",
                    "pages/observed.js",
                    "pages/presets.js",
                    "pages/save.js",
                    "pages/sessions.js",
                    "pages/sign-ins.js",
                    "pages/tokens.js",
                    "pages/try-a-name.js",
                    "pages/welcome.js");

    private final String name;
    private final String type;
    private final String etag;
    private final byte[] octets;

    private ConsoleFile(String name, byte[] octets) {
        this.name = name;
        this.type = type(name);
        this.etag = '"' + digest(octets) + '"';
        this.octets = octets;
    }

    static ConsoleFile read(String name) {
        try (InputStream in = ConsoleFile.class.getResourceAsStream("/console/" + name)) {
            if (in == null) {
                throw new IllegalStateException("console/" + name + " is missing in this build");
            }
            return new ConsoleFile(name, in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException("console/" + name + " cannot be read", e);
        }
    }

    String name() {
        return name;
    }

    String type() {
        return type;
    }

    /** Changes with every change of the file. */
    String etag() {
        return etag;
    }

    /** Shared: nobody writes into it. */
    byte[] octets() {
        return octets;
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.'))) {
            case ".html" -> "text/html; charset=utf-8";
            case ".css" -> "text/css; charset=utf-8";
            case ".js" -> "text/javascript; charset=utf-8";
            case ".svg" -> "image/svg+xml";
            default -> throw new IllegalStateException("console/" + name + " is of no known type");
        };
    }

    private static String digest(byte[] octets) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(octets), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
