package io.sallyport.sync.chain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A chain of plugins. Everything that is not ours stays as it is, in its order; numbers keep their
 * digits.
 */
record Conflist(ObjectNode document) {
    /** What a runtime calls our program. */
    static final String TYPE = "sallyport-cni";

    private static final String PLUGINS = "plugins";

    /** The plugin takes no more. */
    private static final long MAX_OCTETS = 1 << 20;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                    .build();

    /**
     * A file, a single plugin's as a chain of one.
     *
     * @throws IOException if it is none, or not yet: a plugin may be writing it just now
     */
    static Conflist read(Path file) throws IOException {
        if (Files.size(file) > MAX_OCTETS) {
            throw new IOException(file + " is larger than 1 MiB");
        }
        JsonNode read;
        try {
            read = JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
        if (read instanceof ObjectNode document && document.get(PLUGINS) instanceof ArrayNode) {
            return new Conflist(document);
        }
        if (read instanceof ObjectNode document && document.path("type").isString()) {
            return new Conflist(chainOf(document));
        }
        throw new IOException(file + " has neither \"plugins\" nor \"type\"");
    }

    private static ObjectNode chainOf(ObjectNode plugin) {
        ObjectNode chain = JsonNodeFactory.instance.objectNode();
        for (String key : new String[] {"cniVersion", "name"}) {
            if (plugin.has(key)) {
                chain.set(key, plugin.get(key));
            }
        }
        chain.putArray(PLUGINS).add(plugin);
        return chain;
    }

    Optional<ObjectNode> ours() {
        for (JsonNode plugin : plugins()) {
            if (plugin instanceof ObjectNode object
                    && object.path("type").asString("").equals(TYPE)) {
                return Optional.of(object);
            }
        }
        return Optional.empty();
    }

    /** This chain with our plugin once, and last. */
    Conflist with(ObjectNode entry) {
        Conflist other = without();
        other.plugins().add(entry.deepCopy());
        return other;
    }

    Conflist without() {
        Conflist other = new Conflist(document.deepCopy());
        other.plugins().removeIf(plugin -> plugin.path("type").asString("").equals(TYPE));
        return other;
    }

    private ArrayNode plugins() {
        return (ArrayNode) document.get(PLUGINS);
    }

    String text() {
        return document.toPrettyString() + "\n";
    }
}
