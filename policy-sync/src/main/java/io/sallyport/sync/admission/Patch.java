package io.sallyport.sync.admission;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Changes of a pod, as RFC 6902 has them; none for what is so already. */
final class Patch {
    private static final String ANNOTATIONS = "/metadata/annotations";

    private final JsonNode pod;
    private final ArrayNode operations = Review.array();
    private boolean annotated;

    Patch(JsonNode pod) {
        this.pod = pod;
        this.annotated = pod.path("metadata").path("annotations").isObject();
    }

    void annotate(String key, String value) {
        if (!annotated) {
            add(ANNOTATIONS, Review.object());
            annotated = true;
        }
        add(ANNOTATIONS + "/" + pointer(key), Review.text(value));
    }

    /** RFC 6901 §3. */
    private static String pointer(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    JsonNode spec(String field) {
        return pod.path("spec").path(field);
    }

    void set(String field, JsonNode value) {
        if (!spec(field).equals(value)) {
            add("/spec/" + field, value); // replaces what is there
        }
    }

    void unlessThere(String field, String value) {
        if (spec(field).asString("").isEmpty()) {
            set(field, Review.text(value));
        }
    }

    private void add(String path, JsonNode value) {
        ObjectNode operation = operations.addObject().put("op", "add").put("path", path);
        operation.set("value", value);
    }

    ArrayNode operations() {
        return operations;
    }
}
