package io.sallyport.sync.control;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON that this server writes. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static JsonNode nothing() {
        return MAPPER.getNodeFactory().nullNode();
    }

    static ArrayNode texts(Iterable<?> items) {
        ArrayNode list = array();
        items.forEach(item -> list.add(item.toString()));
        return list;
    }

    /** Documents that other rooms make: nested maps, lists, strings, whole numbers, booleans. */
    static JsonNode of(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                ObjectNode object = object();
                map.forEach((key, item) -> object.set((String) key, of(item)));
                yield object;
            }
            case Iterable<?> list -> {
                ArrayNode array = array();
                list.forEach(item -> array.add(of(item)));
                yield array;
            }
            case Boolean flag -> MAPPER.getNodeFactory().booleanNode(flag);
            case Long number -> MAPPER.getNodeFactory().numberNode(number);
            case Integer number -> MAPPER.getNodeFactory().numberNode(number);
            case String text -> MAPPER.getNodeFactory().stringNode(text);
            default -> throw new AssertionError("no JSON form for " + value.getClass());
        };
    }

    /** What this server wrote before. */
    static ObjectNode read(String text) {
        return (ObjectNode) MAPPER.readTree(text);
    }

    static byte[] octets(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }
}
