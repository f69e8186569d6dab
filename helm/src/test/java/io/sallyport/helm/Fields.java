package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** A manifest's object of which nothing may be overlooked. */
final class Fields {
    private final String where;
    private final JsonNode object;
    private final Set<String> left = new TreeSet<>();

    Fields(String where, JsonNode object) {
        this.where = where;
        this.object = object;
        left.addAll(object.propertyNames());
    }

    /** Missing, if it is not there. */
    JsonNode take(String name) {
        left.remove(name);
        return object.path(name);
    }

    String text(String name) {
        assertThat(object.path(name).isString()).as("%s: %s", where, name).isTrue();
        return take(name).asString();
    }

    boolean flag(String name, boolean otherwise) {
        return take(name).asBoolean(otherwise);
    }

    /** Those that mean nothing where there is one host and no scheduler. */
    Fields without(String... names) {
        for (String name : names) {
            left.remove(name);
        }
        return this;
    }

    /** After all that is known has been taken. */
    void nothingElse() {
        assertThat(left).as("%s: fields that nobody has carried over", where).isEmpty();
    }
}
