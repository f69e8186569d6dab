package io.sallyport.sync.control;

import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Long lists in pages: the items, and from where the next page goes on. */
final class Paging {
    private static final int USUAL = 100;
    private static final int MOST = 1_000;

    /** Read at once: settings with two lists of 10,000 domains take megabytes. */
    private static final int PART = 4;

    /** A page that is longer ends early. */
    private static final long MOST_CHARS = 8 << 20;

    /** Where a list comes from. */
    interface Source<T> {
        /**
         * @param last the one before the first; null to begin
         */
        List<T> read(@Nullable T last, int limit) throws IOException, Refusal;
    }

    /** How one is shown. */
    interface Item<T> {
        /**
         * @param next the one after it; null for the last of all
         */
        JsonNode of(T one, @Nullable T next);
    }

    private Paging() {}

    static int limit(Call call) throws Problem {
        return (int) call.number("limit", USUAL, 1, MOST);
    }

    /**
     * A page of what may be large, never held all at once.
     *
     * @param key what the next page is asked for with, of the last one shown
     */
    static <T> Reply gathered(int limit, Source<T> source, Item<T> item, Function<T, Object> key)
            throws IOException, Refusal {
        ArrayNode items = Json.array();
        long chars = 0;
        T last = null;
        while (true) {
            int part = Math.min(PART, limit - items.size());
            List<T> found = source.read(last, part + 1);
            for (int i = 0; i < Math.min(part, found.size()); i++) {
                last = found.get(i);
                T next = i + 1 < found.size() ? found.get(i + 1) : null;
                JsonNode shown = item.of(last, next);
                items.add(shown);
                chars += shown.toString().length();
                if (next != null && (items.size() == limit || chars > MOST_CHARS)) {
                    return reply(items, key.apply(last));
                }
            }
            if (found.size() <= part) {
                return reply(items, null);
            }
        }
    }

    static Reply reply(ArrayNode items, @Nullable Object next) {
        ObjectNode page = Json.object();
        page.set("items", items);
        switch (next) {
            case null -> page.putNull("next");
            case Long number -> page.put("next", number);
            default -> page.put("next", next.toString());
        }
        return Reply.ok(page);
    }
}
