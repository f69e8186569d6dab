package io.sallyport.sync.claim;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What a pod's labels and annotations say of its session. */
public record Claim(Optional<String> org, Optional<String> agent) {
    /** Where the admission webhook writes the id of the session; nobody else may. */
    public static final String SESSION = "sallyport.io/session";

    /** Enough for a move from one name to another. */
    private static final int MOST_KEYS = 8;

    /** A label's key: a name of 63 characters, below a domain of 253. */
    private static final Pattern KEY =
            Pattern.compile(
                    "([a-z0-9][a-z0-9.-]{0,252}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

    /**
     * Where to look, in labels and in annotations alike.
     *
     * @param org the first is what the webhook writes
     */
    public record Keys(List<String> org, List<String> agent) {
        public static final Keys DEFAULT =
                new Keys(List.of("sallyport.io/org"), List.of("sallyport.io/agent"));

        public Keys {
            org = List.copyOf(org);
            agent = List.copyOf(agent);
        }

        /** {@code org-keys} and {@code agent-keys}. */
        public static Keys read(Document.Fields fields) {
            return new Keys(
                    read(fields, "org-keys", DEFAULT.org()),
                    read(fields, "agent-keys", DEFAULT.agent()));
        }

        private static List<String> read(Document.Fields fields, String name, List<String> usual) {
            List<String> keys = fields.list(name, value -> value.textAs(Keys::key));
            if (keys.size() > MOST_KEYS) {
                throw new IllegalArgumentException(name + ": at most " + MOST_KEYS);
            }
            return keys.isEmpty() ? usual : keys;
        }

        private static String key(String text) {
            if (!KEY.matcher(text).matches()) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" should be a label's key, such as sallyport.io/org");
            }
            return text;
        }
    }

    /**
     * @throws IllegalArgumentException if it names two orgs, or none that there could be
     */
    public static Claim read(
            Keys keys, Map<String, String> labels, Map<String, String> annotations) {
        return new Claim(
                one("org", keys.org(), labels, annotations, Settings::org),
                one("agent", keys.agent(), labels, annotations, Settings::agent));
    }

    private static Optional<String> one(
            String what,
            List<String> keys,
            Map<String, String> labels,
            Map<String, String> annotations,
            Function<String, String> check) {
        TreeSet<String> named = new TreeSet<>();
        for (String key : keys) {
            for (String value : new String[] {labels.get(key), annotations.get(key)}) {
                if (value != null && !value.isEmpty()) {
                    named.add(check.apply(value));
                }
            }
        }
        if (named.size() > 1) {
            throw new IllegalArgumentException(
                    "the pod's labels and annotations name more than one "
                            + what
                            + ": "
                            + String.join(", ", named)
                            + "; name one");
        }
        return named.stream().findFirst();
    }
}
