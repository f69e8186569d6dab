package io.sallyport.sync.control;

import com.google.common.base.Splitter;
import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which endpoint a request line means. Segments are told apart before they are decoded, so that an
 * encoded slash is a letter of a name and never a way to another path.
 *
 * @param path what stands in the place of each name in braces
 */
record Target(Endpoint endpoint, Map<String, String> path) {
    private static final Splitter SLASHES = Splitter.on('/');
    private static final int MAX_SEGMENTS = 8; // the longest path of ours has six

    static Target of(String method, String rawPath) throws Problem {
        List<String> segments = SLASHES.limit(MAX_SEGMENTS + 1).splitToList(rawPath);
        TreeSet<String> others = new TreeSet<>();
        for (Endpoint endpoint : Endpoint.values()) {
            List<String> template = SLASHES.splitToList(endpoint.path());
            if (fits(template, segments)) {
                if (endpoint.method().equals(method)) {
                    return new Target(endpoint, values(template, segments));
                }
                others.add(endpoint.method());
            }
        }
        if (others.isEmpty()) {
            throw Problem.of(
                    Status.NOT_FOUND_404, "there is nothing here; /openapi.yaml lists what is");
        }
        String allowed = String.join(", ", others);
        throw Problem.of(Status.METHOD_NOT_ALLOWED_405, "this path takes " + allowed)
                .header("Allow", allowed);
    }

    private static boolean fits(List<String> template, List<String> segments) {
        if (template.size() != segments.size()) {
            return false;
        }
        for (int i = 0; i < template.size(); i++) {
            String expected = template.get(i);
            boolean matches =
                    expected.startsWith("{")
                            ? !segments.get(i).isEmpty()
                            : expected.equals(segments.get(i));
            if (!matches) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, String> values(List<String> template, List<String> segments)
            throws Problem {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < template.size(); i++) {
            String name = template.get(i);
            if (name.startsWith("{")) {
                values.put(
                        name.substring(1, name.length() - 1), decoded(segments.get(i), "the path"));
            }
        }
        return values;
    }

    /** The parameters of a query; each name once. */
    static Map<String, String> query(String raw) throws Problem {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : Splitter.on('&').omitEmptyStrings().split(raw)) {
            int equals = pair.indexOf('=');
            String name =
                    decoded(equals < 0 ? pair : pair.substring(0, equals), "a parameter's name");
            String value = equals < 0 ? "" : pair.substring(equals + 1).replace('+', ' ');
            if (parameters.put(name, decoded(value, "a parameter")) != null) {
                throw Problem.bad("", "a parameter stands there twice");
            }
        }
        return parameters;
    }

    /** RFC 3986 §2.1, and UTF-8 without a fault. */
    private static String decoded(String text, String where) throws Problem {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw Problem.bad(
                            "", where + " has a % that two hexadecimal digits must follow");
                }
                octets.write(high << 4 | low);
                i += 2;
            } else if (c >= ' ' && c < 0x7f) {
                octets.write(c);
            } else {
                throw Problem.bad("", where + " has characters that must be percent-encoded");
            }
        }
        try {
            String decoded =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(octets.toByteArray()))
                            .toString();
            if (decoded.indexOf('\0') >= 0) { // PostgreSQL has no such text
                throw Problem.bad("", where + " has the character NUL");
            }
            return decoded;
        } catch (CharacterCodingException e) {
            throw Problem.bad("", where + " is not UTF-8");
        }
    }
}
