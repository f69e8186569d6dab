package io.sallyport.sync.api;

import io.helidon.webserver.http.ServerRequest;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.api.Problem.BadRequest;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.session.Sessions.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a request: a JSON object with known fields. */
record Asked(ObjectNode body) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    static Asked of(ServerRequest request, String... fields) throws BadRequest {
        List<String> known = List.of(fields);
        JsonNode node;
        try {
            node = JSON.readTree(request.content().inputStream());
        } catch (JacksonException e) {
            throw new BadRequest("", "the body is not JSON: " + e.getOriginalMessage());
        }
        if (!(node instanceof ObjectNode body)) {
            throw new BadRequest(
                    "", "the body should be a JSON object with " + String.join(", ", known));
        }
        for (String name : body.propertyNames()) {
            if (!known.contains(name)) {
                throw new BadRequest(
                        name,
                        "there is no field \""
                                + name
                                + "\"; known are "
                                + String.join(", ", known));
            }
        }
        return new Asked(body);
    }

    Request session() throws BadRequest {
        return new Request(
                optionalText("id"), text("org"), optionalText("agent"), place(), mode(), lease());
    }

    private Mode mode() throws BadRequest {
        String given = optionalText("mode");
        for (Mode mode : Mode.values()) {
            if (given == null || given.equals(mode.text())) {
                return mode;
            }
        }
        throw new BadRequest("mode", "\"mode\" should be \"enforce\" or \"observe\"");
    }

    private int lease() throws BadRequest {
        JsonNode value = body.get("lease");
        if (value == null || value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new BadRequest("lease", "\"lease\" should be a whole number of seconds");
        }
        return value.intValue();
    }

    Place place() throws BadRequest {
        List<Cidr> addresses = new ArrayList<>();
        for (String address : texts("addresses", "such as [\"10.0.0.2/32\"]")) {
            try {
                addresses.add(Cidr.parse(address));
            } catch (IllegalArgumentException e) {
                throw new BadRequest("addresses", String.valueOf(e.getMessage()));
            }
        }
        return new Place(text("interface"), addresses);
    }

    /** A list of texts that must be there. */
    List<String> texts(String field, String such) throws BadRequest {
        if (!(body.get(field) instanceof ArrayNode listed)) {
            throw new BadRequest(field, "\"" + field + "\" should be a list " + such);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode each : listed) {
            texts.add(each.isString() ? each.stringValue() : each.toString());
        }
        return texts;
    }

    private String text(String field) throws BadRequest {
        String value = optionalText(field);
        if (value == null || value.isBlank()) {
            throw new BadRequest(field, "\"" + field + "\" is missing");
        }
        return value;
    }

    @Nullable String optionalText(String field) throws BadRequest {
        JsonNode value = body.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new BadRequest(field, "\"" + field + "\" should be a string");
        }
        return value.stringValue();
    }
}
