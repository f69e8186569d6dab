package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.sallyport.sync.access.Access.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code openapi.yaml}, and whether an answer is what it promises. */
final class Contract {
    private static final String PROBLEM = "application/problem+json";

    private final JsonNode document;
    private final SchemaRegistry schemas =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Map<String, Schema> read = new ConcurrentHashMap<>();

    Contract() {
        try (InputStream in = Contract.class.getResourceAsStream("/control/openapi.yaml")) {
            document = new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode document() {
        return document;
    }

    JsonNode operation(Endpoint endpoint) {
        return document.path("paths")
                .path(endpoint.path())
                .path(endpoint.method().toLowerCase(Locale.ROOT));
    }

    void check(Endpoint endpoint, Running.Answer answer) {
        JsonNode responses = operation(endpoint).path("responses");
        JsonNode response = resolved(responses.path(Integer.toString(answer.status())));
        if (response.isMissingNode()) {
            assertThat(answer.status()).as("%s: an undeclared status", endpoint).isGreaterThan(399);
            response = resolved(responses.path("default"));
        }
        for (Map.Entry<String, JsonNode> header : response.path("headers").properties()) {
            if (!header.getValue().path("required").asBoolean(false)) {
                continue;
            }
            assertThat(answer.headers().firstValue(header.getKey()))
                    .as("%s: header %s", endpoint, header.getKey())
                    .isPresent();
        }
        String type = answer.headers().firstValue("content-type").orElse("");
        if (answer.status() > 399) {
            assertThat(type).as("%s: an error is a problem", endpoint).isEqualTo(PROBLEM);
            assertThat(answer.json().path("status").intValue()).isEqualTo(answer.status());
        }
        JsonNode content = response.path("content");
        assertThat(content.isMissingNode() ? "" : type)
                .as("%s: content type of %s", endpoint, answer.status())
                .isIn(content.isMissingNode() ? java.util.List.of("") : content.propertyNames());
        if (!content.isMissingNode() && type.endsWith("json") && !type.endsWith("x-ndjson")) {
            JsonNode schema = content.path(type).path("schema");
            assertThat(schema(schema).validate(answer.json()))
                    .as("%s %s: %s", endpoint, answer.status(), answer.body())
                    .isEmpty();
        }
    }

    /** A schema with the components that it refers to beside it. */
    private Schema schema(JsonNode schema) {
        return read.computeIfAbsent(
                schema.toString(),
                _ -> {
                    ObjectNode whole = new JsonMapper().createObjectNode();
                    whole.setAll((ObjectNode) schema);
                    whole.set("components", document.path("components"));
                    return schemas.getSchema(whole);
                });
    }

    private JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : document.at(reference.substring(1));
    }
}
