package io.sallyport.sync.source;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pulls from a YAML file. All of it is read each time: a mistake anywhere in it refuses every org,
 * loudly.
 */
final class PolicyFile implements PolicySource {
    /** As long as the longest document that is read. */
    private static final int MAX_OCTETS = 8 << 20;

    private final Path file;
    private final Presets presets;

    /** One org in the file. */
    private record Org(
            long version,
            Settings settings,
            Map<String, Boolean> codeExecution,
            Set<String> namespaces) {}

    PolicyFile(Path file, Presets presets) {
        this.file = file;
        this.presets = presets;
    }

    @Override
    public Snapshot pull(String org, @Nullable String agent, @Nullable String namespace)
            throws Refused, IOException {
        Map<String, Org> orgs;
        try {
            orgs = orgs(Document.yaml(text()));
        } catch (IllegalArgumentException e) {
            throw new IOException("policy file " + file + ": " + e.getMessage(), e);
        }
        Org found = orgs.get(org);
        if (found == null) {
            throw new Refused("there is no org " + shown(org) + " in policy file " + file);
        }
        if (namespace != null && !found.namespaces().contains(namespace)) {
            throw new Refused(
                    "pods of namespace "
                            + shownNamespace(namespace)
                            + " may not name org "
                            + shown(org)
                            + ": it is not among its namespaces in policy file "
                            + file);
        }
        if (agent != null && !found.codeExecution().getOrDefault(agent, true)) {
            throw Reasons.codeExecutionOff(org, agent);
        }
        return Snapshot.of(org, null, found.version(), "policy-file", found.settings(), presets);
    }

    private static String shown(String org) throws Refused {
        try {
            return Settings.org(org);
        } catch (IllegalArgumentException e) {
            throw Reasons.refused(e);
        }
    }

    private static String shownNamespace(String namespace) throws Refused {
        try {
            return Mapping.namespace(namespace);
        } catch (IllegalArgumentException e) {
            throw Reasons.refused(e);
        }
    }

    private String text() throws IOException {
        byte[] octets = octets();
        if (octets.length > MAX_OCTETS) {
            throw new IOException(
                    "policy file " + file + " is longer than " + MAX_OCTETS + " octets");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("policy file " + file + " is not UTF-8 text", e);
        }
    }

    private byte[] octets() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_OCTETS + 1);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no policy file " + file, e);
        } catch (IOException e) {
            throw new IOException("policy file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, Org> orgs(Document document) {
        Fields top = document.fields();
        Map<String, Org> orgs = new HashMap<>();
        top.required("orgs")
                .fields()
                .rest()
                .forEach((name, org) -> {
                    org.as(ignored -> name, Settings::org);
                    orgs.put(name, org(org));
                });
        top.end();
        return orgs;
    }

    private static Org org(Document document) {
        Fields fields = document.fields();
        long version =
                fields.optional("version")
                        .map(number -> number.number(0, Long.MAX_VALUE))
                        .orElse(0L);
        Map<String, Boolean> agents = new HashMap<>();
        fields.optional("agents")
                .ifPresent(given ->
                        given.fields()
                                .rest()
                                .forEach((name, agent) -> {
                                    Fields inside = agent.fields();
                                    agents.put(
                                            agent.as(ignored -> name, Settings::agent),
                                            inside.required("code-execution").onOrOff());
                                    inside.end();
                                }));
        List<String> namespaces =
                fields.list("namespaces", value -> value.textAs(Mapping::namespace));
        Settings settings = document.as(ignored -> fields, Settings::read);
        fields.end();
        return new Org(version, settings, agents, Set.copyOf(namespaces));
    }
}
