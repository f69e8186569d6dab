package io.sallyport.sync.cluster;

import io.sallyport.sync.cluster.Cluster.Node;
import io.sallyport.sync.cluster.Cluster.Pod;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the API says, and what it is told, as JSON. */
final class Reading {
    private static final JsonMapper JSON = new JsonMapper();

    /** Longer than any name that there can be, so that what is cut stays none. */
    private static final int MAX_VALUE = 254;

    private final Set<String> keys;

    /**
     * @param keys of labels and annotations that are kept
     */
    Reading(Set<String> keys) {
        this.keys = Set.copyOf(keys);
    }

    static ObjectNode object(String text) throws IOException {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw new IOException(
                    "the cluster's API answers with no JSON: " + e.getOriginalMessage(), e);
        }
        throw new IOException("the cluster's API answers with no object");
    }

    static String version(JsonNode object) {
        return object.path("metadata").path("resourceVersion").asString("");
    }

    Pod pod(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return new Pod(
                metadata.path("uid").asString(""),
                metadata.path("namespace").asString(""),
                metadata.path("name").asString(""),
                texts(metadata.path("labels")),
                texts(metadata.path("annotations")));
    }

    /** A tenant writes 256 kB of them to each pod as it likes. */
    private Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new HashMap<>();
        for (String key : keys) {
            if (object.has(key)) {
                String value = object.path(key).asString("");
                texts.put(key, value.substring(0, Math.min(value.length(), MAX_VALUE)));
            }
        }
        return texts;
    }

    static ArrayNode taints(JsonNode node) {
        return node.path("spec").path("taints") instanceof ArrayNode taints
                ? taints
                : JSON.createArrayNode();
    }

    /** RFC 6902: nothing is changed where the node is not the one that was read. */
    static String patch(Node seen, ArrayNode taints) {
        ArrayNode patch = JSON.createArrayNode();
        patch.addObject()
                .put("op", "test")
                .put("path", "/metadata/resourceVersion")
                .put("value", seen.version());
        ObjectNode change = patch.addObject().put("op", "add").put("path", "/spec/taints");
        change.set("value", taints);
        return patch.toString();
    }
}
