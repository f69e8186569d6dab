package io.sallyport.sync.admission;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An AdmissionReview, as far as it is read here.
 *
 * @param uid of this request; the answer repeats it
 * @param operation CREATE, UPDATE or another
 * @param pod as it is to be
 * @param before as it was; a missing node where it was not
 */
record Review(String uid, String operation, String namespace, JsonNode pod, JsonNode before) {
    private static final String VERSION = "admission.k8s.io/v1";
    private static final String KIND = "AdmissionReview";

    /** A pod has some fifteen levels. */
    private static final int MAX_DEPTH = 64;

    private static final int MAX_UID = 128;
    private static final int FORBIDDEN = 403;

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /**
     * @throws IllegalArgumentException if it is none about a pod
     */
    static Review read(byte[] body) {
        JsonNode review;
        try {
            review = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "the body is not JSON as it is read here: " + e.getOriginalMessage(), e);
        }
        JsonNode request = review.path("request");
        require(
                text(review, "apiVersion").equals(VERSION) && text(review, "kind").equals(KIND),
                "this takes an " + KIND + " of " + VERSION);
        String uid = text(request, "uid");
        require(!uid.isEmpty() && uid.length() <= MAX_UID, "the request has no uid");
        JsonNode kind = request.path("kind");
        require(
                text(kind, "group").isEmpty()
                        && text(kind, "version").equals("v1")
                        && text(kind, "kind").equals("Pod"),
                "this webhook is for pods and nothing else; see its rules");
        return new Review(
                uid,
                text(request, "operation"),
                text(request, "namespace"),
                request.path("object"),
                request.path("oldObject"));
    }

    private static void require(boolean good, String otherwise) {
        if (!good) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    static String text(JsonNode object, String key) {
        return object.path(key).asString("");
    }

    /** What is not text, such as a number, is none of an API server's. */
    static Map<String, String> texts(JsonNode pod, String key) {
        Map<String, String> texts = new HashMap<>();
        pod.path("metadata")
                .path(key)
                .forEachEntry((name, value) -> texts.put(name, value.asString("")));
        return texts;
    }

    static ArrayNode array() {
        return JSON.createArrayNode();
    }

    static JsonNode text(String value) {
        return JSON.getNodeFactory().stringNode(value);
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** The AdmissionReview that goes back. */
    String answer(Verdict verdict) {
        ObjectNode answer = object().put("apiVersion", VERSION).put("kind", KIND);
        ObjectNode response = answer.putObject("response").put("uid", uid);
        switch (verdict) {
            case Verdict.Allowed(ArrayNode patch, var warnings) -> {
                response.put("allowed", true);
                if (!patch.isEmpty()) {
                    byte[] octets = patch.toString().getBytes(StandardCharsets.UTF_8);
                    response.put("patchType", "JSONPatch");
                    response.put("patch", Base64.getEncoder().encodeToString(octets));
                }
                if (!warnings.isEmpty()) {
                    ArrayNode list = response.putArray("warnings");
                    warnings.forEach(list::add);
                }
            }
            case Verdict.Refused(String why) -> {
                response.put("allowed", false);
                response.putObject("status").put("code", FORBIDDEN).put("message", why);
            }
        }
        return answer.toString();
    }
}
