package io.sallyport.sync.control;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Long lists in pages: the items, and from where the next page goes on. */
final class Paging {
    private static final int USUAL = 100;
    private static final int MOST = 1_000; // each item may hold a list of 10,000

    private Paging() {}

    static int limit(Call call) throws Problem {
        return (int) call.number("limit", USUAL, 1, MOST);
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
