package io.sallyport.sync.signin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The fields of a form or of a query: {@code application/x-www-form-urlencoded}. */
final class Form {
    /** A code, a state, an issuer; a token and a place to go to. Ours have no more than six. */
    private static final int MAX_FIELDS = 20;

    /** What one cannot make a field of, or twice of one: RFC 6749 §3.1 forbids repeating any. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message, null, false, false);
        }
    }

    private final Map<String, String> fields = new LinkedHashMap<>();

    private Form() {}

    static Form parse(String text) throws Unreadable {
        Form form = new Form();
        if (text.isEmpty()) {
            return form;
        }
        String[] pairs = text.split("&", MAX_FIELDS + 1);
        if (pairs.length > MAX_FIELDS) {
            throw new Unreadable("it has too many fields");
        }
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            if (form.fields.putIfAbsent(name, value) != null) {
                throw new Unreadable("it has a field twice");
            }
        }
        return form;
    }

    private static String decode(String text) throws Unreadable {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Unreadable("it has a broken % sequence");
        }
    }

    /** A field that is there and not empty. */
    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name)).filter(value -> !value.isEmpty());
    }
}
