package io.sallyport.sync.cli;

import com.google.common.net.UrlEscapers;
import io.sallyport.sync.remote.Remote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Lists that a control server gives page by page, and parts of its addresses. */
final class Pages {
    /** As many as it gives at once. */
    private static final int PAGE = 1_000;

    private Pages() {}

    /** All of a list, or what of it is of an org. */
    static List<JsonNode> all(Remote remote, String path, Optional<String> org)
            throws Remote.Refused, IOException {
        String first = path + "?limit=" + PAGE + org.map(id -> "&org=" + value(id)).orElse("");
        List<JsonNode> items = new ArrayList<>();
        JsonNode page = remote.get(first);
        while (true) {
            page.path("items").forEach(items::add);
            if (page.path("next").isNull() || page.path("next").isMissingNode()) {
                return items;
            }
            page = remote.get(first + "&after=" + value(page.path("next").asString()));
        }
    }

    static String segment(String text) {
        return UrlEscapers.urlPathSegmentEscaper().escape(text);
    }

    /** Of a parameter. */
    static String value(String text) {
        return UrlEscapers.urlFormParameterEscaper().escape(text);
    }
}
