package io.sallyport.sync.document;

import org.jspecify.annotations.Nullable;

/**
 * Where a value stands, such as {@code orgs.acme.allow[3]}. It is written out only when something
 * is wrong there: a text of its own for each value would be as long as all keys around it, each
 * time.
 *
 * @param outer where the mapping or list stands that holds it; null for the document itself
 * @param key in a mapping; null in a list
 * @param index in a list
 */
record Place(@Nullable Place outer, @Nullable String key, int index) {
    static final Place DOCUMENT = new Place(null, null, 0);

    /** Of a key that a complaint repeats: no key that is known is longer. */
    private static final int MAX_SHOWN = 80;

    Place at(String name) {
        return new Place(this, name, 0);
    }

    Place at(int number) {
        return new Place(this, null, number);
    }

    boolean isDocument() {
        return outer == null;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        write(text);
        return text.toString();
    }

    /** As deep as a document may be and no deeper. */
    private void write(StringBuilder text) {
        if (outer == null) {
            return;
        }
        outer.write(text);
        if (key == null) {
            text.append('[').append(index).append(']');
            return;
        }
        text.append(text.isEmpty() ? "" : ".");
        text.append(key.length() <= MAX_SHOWN ? key : key.substring(0, MAX_SHOWN) + "…");
    }
}
