package io.sallyport.sync.cni;

import io.sallyport.sync.cni.Fault.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The plugin's configuration: our keys, and what the runtime puts beside them.
 *
 * @param name of the network: a runtime may have several, each with attachments of its own
 * @param org whose session every container gets; empty where somebody else says it
 * @param excluded namespaces whose pods are no sandboxes
 */
record Conf(
        String version,
        String name,
        Optional<String> org,
        Optional<String> agent,
        Set<String> excluded,
        ObjectNode document) {

    static final List<String> VERSIONS = List.of("0.3.1", "0.4.0", "1.0.0", "1.1.0");

    /** Ours, and those that the specification knows in a plugin's configuration. */
    private static final Set<String> KEYS =
            Set.of(
                    "socket",
                    "timeoutSeconds",
                    "org",
                    "agent",
                    "excludeNamespaces",
                    "cniVersion",
                    "name",
                    "type",
                    "args",
                    "ipMasq",
                    "ipam",
                    "dns",
                    "capabilities",
                    "runtimeConfig",
                    "prevResult");

    private static final String VALID = "cni.dev/valid-attachments";

    /** Of one attachment, as a runtime names it. */
    record Attached(String container, String ifname) {}

    /**
     * @param strict whether a key that nobody knows is an error; the end of a container must not
     *     fail for one
     */
    static Conf of(ObjectNode document, boolean strict) throws Fault {
        String version = document.path("cniVersion").asString("");
        if (!VERSIONS.contains(version)) {
            throw new Fault(
                    Code.INCOMPATIBLE,
                    "\"cniVersion\" should be one of " + String.join(", ", VERSIONS));
        }
        for (String key : document.propertyNames()) {
            // With a slash they are somebody's own, by the specification.
            if (strict && !KEYS.contains(key) && !key.contains("/")) {
                throw new Fault(
                        Code.INVALID,
                        "there is no key \"" + key + "\" in a configuration of sallyport-cni");
            }
        }
        String name = document.path("name").asString("");
        if (name.isEmpty()) {
            throw new Fault(Code.INVALID, "the network has no \"name\"");
        }
        return new Conf(
                version,
                name,
                text(document, "org"),
                text(document, "agent"),
                excluded(document),
                document);
    }

    private static Optional<String> text(ObjectNode document, String key) throws Fault {
        JsonNode value = document.path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isString() || value.stringValue().isBlank()) {
            throw new Fault(Code.INVALID, "\"" + key + "\" should be a string, not an empty one");
        }
        return Optional.of(value.stringValue());
    }

    private static Set<String> excluded(ObjectNode document) throws Fault {
        List<String> namespaces = new ArrayList<>();
        JsonNode value = document.path("excludeNamespaces");
        if (!value.isMissingNode() && !value.isArray()) {
            throw new Fault(Code.INVALID, "\"excludeNamespaces\" should be a list of strings");
        }
        for (JsonNode each : value) {
            namespaces.add(each.asString(""));
        }
        return Set.copyOf(namespaces);
    }

    /** What the plugins before have made. */
    ObjectNode previous() throws Fault {
        if (document.get("prevResult") instanceof ObjectNode result) {
            return result;
        }
        throw new Fault(
                Code.INVALID,
                "no \"prevResult\": sallyport-cni comes after the plugin that makes the interface");
    }

    /** A list that is not there is no empty one: it would end every attachment. */
    List<Attached> valid() throws Fault {
        if (!(document.get(VALID) instanceof ArrayNode listed)) {
            throw new Fault(Code.INVALID, "GC without \"" + VALID + "\"");
        }
        List<Attached> attached = new ArrayList<>();
        for (JsonNode each : listed) {
            String container = each.path("containerID").asString("");
            String ifname = each.path("ifname").asString("");
            if (container.isEmpty() || ifname.isEmpty()) {
                throw new Fault(Code.INVALID, "an entry of \"" + VALID + "\" has no container");
            }
            attached.add(new Attached(container, ifname));
        }
        return attached;
    }
}
