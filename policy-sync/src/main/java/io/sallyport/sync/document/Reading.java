package io.sallyport.sync.document;

import io.sallyport.sync.document.Document.Mapping;
import io.sallyport.sync.document.Document.Nothing;
import io.sallyport.sync.document.Document.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Builds the tree from Jackson's tokens and holds the bounds. */
final class Reading {
    /** Four lists of 10,000 patterns with a long name each stay below it. */
    static final int MAX_CHARS = 8 << 20;

    /** The deepest format here is a policy file: five levels. */
    static final int MAX_DEPTH = 16;

    /** Two lists of 10,000 patterns and as many preset entries, with room. */
    static final int MAX_VALUES = 200_000;

    private final JsonParser parser;
    private final boolean lines;
    private int values;

    private Reading(JsonParser parser, boolean lines) {
        this.parser = parser;
        this.lines = lines;
    }

    static Document json(String text) {
        return read(text, false);
    }

    static Document yaml(String text) {
        return read(text, true);
    }

    private static Document read(String text, boolean yaml) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    "the document is longer than " + MAX_CHARS + " characters");
        }
        ObjectReadContext context = ObjectReadContext.empty();
        try (JsonParser parser =
                yaml
                        ? new YAMLFactory().createParser(context, text)
                        : new JsonFactory().createParser(context, text)) {
            return new Reading(parser, yaml).document();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(place(e) + complaint(e, text), e);
        }
    }

    private Document document() {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new IllegalArgumentException("the document is empty");
        }
        Document document = value(first, Place.DOCUMENT, 0, line());
        if (parser.nextToken() != null) {
            throw new IllegalArgumentException("something follows after the end of the document");
        }
        return document;
    }

    /** The line that a value is known by is that of its key, wherever it begins itself. */
    private Document value(JsonToken token, Place path, int depth, int line) {
        if (depth > MAX_DEPTH || ++values > MAX_VALUES) {
            throw new IllegalArgumentException(
                    path + ": the document is too deep or has too many values");
        }
        refuseReferences(path, line);
        Object value =
                switch (token) {
                    case START_OBJECT -> mapping(path, depth);
                    case START_ARRAY -> sequence(path, depth);
                    case VALUE_STRING -> parser.getString();
                    case VALUE_NUMBER_INT -> integer(path, line);
                    case VALUE_TRUE -> true;
                    case VALUE_FALSE -> false;
                    case VALUE_NULL -> Nothing.NOTHING;
                    default ->
                            throw new Document("", path, line)
                                    .error("this kind of value has no place here");
                };
        return new Document(value, path, line);
    }

    private int line() {
        return lines ? parser.currentTokenLocation().getLineNr() : 0;
    }

    private Mapping mapping(Place path, int depth) {
        Map<String, Document> entries = new LinkedHashMap<>();
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            Place at = path.at(key);
            int line = line();
            if (entries.containsKey(key)) {
                throw new Document("", at, line).error("this key stands here twice");
            }
            entries.put(key, value(parser.nextToken(), at, depth + 1, line));
        }
        return new Mapping(entries);
    }

    private Sequence sequence(Place path, int depth) {
        List<Document> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            items.add(value(token, path.at(items.size()), depth + 1, line()));
        }
        return new Sequence(items);
    }

    private Long integer(Place path, int line) {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new Document("", path, line).error("this number is too large");
        }
        return parser.getLongValue();
    }

    /**
     * Anchors let a small file become a large one, tags let it choose types; nobody needs either
     * here.
     */
    private void refuseReferences(Place path, int line) {
        if (lines && (parser.getObjectId() != null || parser.getTypeId() != null || isAlias())) {
            throw new Document("", path, line)
                    .error(
                            "anchors (&), aliases (*) and tags (!) are not read; write the value, and quote a pattern"
                                    + " such as \"*.example.com\"");
        }
    }

    private boolean isAlias() {
        return parser instanceof tools.jackson.dataformat.yaml.YAMLParser yaml
                && yaml.isCurrentAlias();
    }

    private static String place(JacksonException failure) {
        TokenStreamLocation at = failure.getLocation();
        return at == null || at.getLineNr() < 1 ? "" : "line " + at.getLineNr() + ": ";
    }

    private static String complaint(JacksonException failure, String text) {
        String first = failure.getOriginalMessage().lines().findFirst().orElse("");
        TokenStreamLocation at = failure.getLocation();
        boolean star =
                at != null
                        && text.lines()
                                .skip(Math.max(0, at.getLineNr() - 1))
                                .findFirst()
                                .orElse("")
                                .contains("*.");
        return "cannot be read: "
                + first
                + (star ? "; a pattern that begins with * needs quotes: \"*.example.com\"" : "");
    }
}
