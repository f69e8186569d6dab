package io.sallyport.sync.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One value of a JSON or YAML document: a mapping, a list, a text, an integer, a flag or nothing.
 * Every way to read it as something that it is not throws an {@link IllegalArgumentException} that
 * begins with where it stands.
 */
public final class Document {
    private final Object value;
    private final Place place;
    private final int line;

    Document(Object value, Place place, int line) {
        this.value = value;
        this.place = place;
        this.line = line;
    }

    /** Reads JSON; exactly one value, no comments, no repeated keys. */
    public static Document json(String text) {
        return Reading.json(text);
    }

    /** Reads YAML; exactly one document, no anchors, no aliases, no tags, no repeated keys. */
    public static Document yaml(String text) {
        return Reading.yaml(text);
    }

    /**
     * The one JSON text of a value: keys sorted, no white space.
     *
     * @param value nested maps, lists, strings, whole numbers, booleans
     */
    public static String canonical(Object value) {
        return Writing.canonical(value);
    }

    /**
     * This value as nested maps, lists, strings, whole numbers and booleans, as {@link #canonical}
     * takes it.
     */
    public Object plain() {
        return switch (value) {
            case Mapping mapping -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                mapping.values().forEach((key, item) -> plain.put(key, item.plain()));
                yield plain;
            }
            case Sequence sequence -> sequence.values().stream().map(Document::plain).toList();
            case Nothing ignored -> throw error("is empty, but must have a value");
            default -> value;
        };
    }

    /**
     * This value as a mapping, to be read key by key; {@link Fields#end} refuses what nobody asked
     * for.
     */
    public Fields fields() {
        if (value instanceof Mapping mapping) {
            return new Fields(this, mapping.values());
        }
        throw error("is " + kind() + ", but must hold keys with values");
    }

    public List<Document> items() {
        if (value instanceof Sequence sequence) {
            return sequence.values();
        }
        throw error("is " + kind() + ", but must be a list");
    }

    /** Whether this is {@code null}, or an empty value in YAML. */
    public boolean isNothing() {
        return value == Nothing.NOTHING;
    }

    public boolean isText() {
        return value instanceof String;
    }

    public String text() {
        if (value instanceof String text) {
            return text;
        }
        throw error("is " + kind() + ", but must be text");
    }

    /** A text, or a number as it was written: {@code 443} where {@code tcp/443} may stand. */
    public String textOrNumber() {
        return value instanceof Long number ? number.toString() : text();
    }

    public long number(long least, long most) {
        if (value instanceof Long number && number >= least && number <= most) {
            return number;
        }
        throw error("must be a whole number of " + least + " to " + most);
    }

    /** {@code true} or {@code false}; in YAML {@code on} and {@code off} as well. */
    public boolean flag() {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw error("is " + kind() + ", but must be true or false");
    }

    /** A flag that people write as {@code on} or {@code off}. */
    public boolean onOrOff() {
        if (value instanceof Boolean flag) {
            return flag;
        }
        return switch (value) {
            case String text when text.equals("on") -> true;
            case String text when text.equals("off") -> false;
            default -> throw error("must be on or off");
        };
    }

    /** What {@code reader} makes of this text; its complaint gets the place in front. */
    public <T> T textAs(Function<String, T> reader) {
        return as(Document::text, reader);
    }

    /**
     * What {@code reader} makes of the value that {@code access} finds here; its complaint gets the
     * place in front.
     */
    public <A, T> T as(Function<Document, A> access, Function<A, T> reader) {
        A found = access.apply(this);
        try {
            return reader.apply(found);
        } catch (Misread e) {
            throw e; // says where already, and more exactly
        } catch (IllegalArgumentException e) {
            throw new Misread(where() + e.getMessage(), e);
        }
    }

    /** A complaint about this value. */
    public IllegalArgumentException error(String complaint) {
        return new Misread(where() + complaint, null);
    }

    /** A complaint that begins with its place. */
    private static final class Misread extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Misread(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private String where() {
        String at = line > 0 ? "line " + line + ": " : "";
        return place.isDocument() ? at + "the document " : at + place + ": ";
    }

    private String kind() {
        return switch (value) {
            case Mapping ignored -> "a mapping";
            case Sequence ignored -> "a list";
            case String ignored -> "text";
            case Long ignored -> "a number";
            case Boolean ignored -> "true or false";
            default -> "empty";
        };
    }

    record Mapping(Map<String, Document> values) {}

    record Sequence(List<Document> values) {}

    /** Stands for {@code null} and an empty YAML value. */
    enum Nothing {
        NOTHING
    }

    /** The keys of one mapping, each to be asked for once. */
    public static final class Fields {
        private final Document owner;
        private final Map<String, Document> left;
        private final Set<String> known = new TreeSet<>();

        private Fields(Document owner, Map<String, Document> values) {
            this.owner = owner;
            this.left = new LinkedHashMap<>(values);
        }

        public Document required(String key) {
            return optional(key).orElseThrow(() -> owner.error("\"" + key + "\" is missing"));
        }

        /**
         * Nothing where the key is absent; a key that is there with an empty value is an error
         * where it is read.
         */
        public Optional<Document> optional(String key) {
            known.add(key);
            return Optional.ofNullable(left.remove(key));
        }

        /** The items of a list, or none where the key is absent. */
        public <T> List<T> list(String key, Function<Document, T> reader) {
            List<T> items = new ArrayList<>();
            for (Document item : optional(key).map(Document::items).orElse(List.of())) {
                items.add(reader.apply(item));
            }
            return items;
        }

        /** All that is left, for mappings whose keys are names. */
        public Map<String, Document> rest() {
            Map<String, Document> rest = new LinkedHashMap<>(left);
            left.clear();
            return rest;
        }

        /** Refuses keys that nobody asked for. */
        public void end() {
            for (Map.Entry<String, Document> stranger : left.entrySet()) {
                throw stranger.getValue()
                        .error("this key is not known; known here: " + String.join(", ", known));
            }
        }
    }
}
