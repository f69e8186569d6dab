package io.sallyport.sync.admission;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/** What becomes of a pod. */
sealed interface Verdict {
    /**
     * It may be, changed.
     *
     * @param patch RFC 6902; empty where nothing is to be changed
     * @param warnings for whoever made it
     */
    record Allowed(ArrayNode patch, List<String> warnings) implements Verdict {}

    /**
     * It may not.
     *
     * @param why a sentence for whoever made it
     */
    record Refused(String why) implements Verdict {}
}
