package io.sallyport.sync.document;

import java.util.Map;
import java.util.TreeMap;

/** Writes canonical JSON: sorted keys, no white space, the shortest escapes. */
final class Writing {
    private final StringBuilder out = new StringBuilder();

    private Writing() {}

    static String canonical(Object value) {
        Writing writing = new Writing();
        writing.value(value);
        return writing.out.toString();
    }

    private void value(Object value) {
        switch (value) {
            case Map<?, ?> map -> mapping(map);
            case Iterable<?> list -> sequence(list);
            case Boolean flag -> out.append(flag.booleanValue());
            case Long number -> out.append(number.longValue());
            case Integer number -> out.append(number.intValue());
            case String text -> text(text);
            default -> throw new AssertionError("no JSON form for " + value.getClass());
        }
    }

    private void mapping(Map<?, ?> map) {
        TreeMap<String, Object> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put((String) key, value));
        char before = '{';
        for (Map.Entry<String, Object> entry : sorted.entrySet()) {
            out.append(before);
            text(entry.getKey());
            out.append(':');
            value(entry.getValue());
            before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private void sequence(Iterable<?> list) {
        char before = '[';
        for (Object item : list) {
            out.append(before);
            value(item);
            before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
                out.append("\\u").append(String.format("%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
