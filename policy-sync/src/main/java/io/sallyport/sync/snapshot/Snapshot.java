package io.sallyport.sync.snapshot;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frozen policy of one session: canonical JSON, named by the SHA-256 of its octets. Never
 * changes, and needs nothing else: the entries of its presets are in it. It holds no time, so that
 * equal settings have equal snapshots.
 *
 * @param digest 64 lower-case hexadecimal digits
 * @param json the canonical text: keys sorted, no white space, UTF-8
 */
public record Snapshot(String digest, String json) {
    /** Of the digits, as many as tell the snapshots of an installation apart. */
    public static final int NAME_LENGTH = 8;

    public Snapshot {
        String canonical = SnapshotV1.parse(json).json();
        if (!canonical.equals(json)) {
            throw new IllegalArgumentException(
                    "the snapshot is not in its canonical form; read it with parse");
        }
        if (!Digest.of(json).equals(digest)) {
            throw new IllegalArgumentException(
                    "the snapshot was changed: its SHA-256 is not " + shortened(digest));
        }
    }

    /**
     * Reads and validates a snapshot as a policy source or a journal holds it, and makes it
     * canonical.
     *
     * @throws IllegalArgumentException with the field and the fix
     */
    public static Snapshot parse(String json) {
        return of(SnapshotV1.parse(json));
    }

    /**
     * Freezes settings.
     *
     * @param agent only where the settings are this agent's own; null lets all sessions of an org
     *     share one snapshot
     * @param version of the settings; 0 where their source counts none
     * @param origin where they come from: {@code settings}, {@code policy-file}, {@code
     *     command-line}
     */
    public static Snapshot of(
            String org,
            @Nullable String agent,
            long version,
            String origin,
            Settings settings,
            Presets presets) {
        return of(SnapshotV1.of(org, agent, version, origin, settings, presets));
    }

    private static Snapshot of(SnapshotV1 content) {
        String json = content.json();
        return Compiled.snapshot(Digest.of(json), json);
    }

    /** The first eight digits, as denials and lists show it. */
    public String name() {
        return shortened(digest);
    }

    private static String shortened(String digest) {
        return digest.substring(0, Math.min(NAME_LENGTH, digest.length()));
    }

    public String org() {
        return content().org();
    }

    /** The agent that it was made for alone; null for most. */
    public @Nullable String agent() {
        return content().agent();
    }

    /** One of none, connections, package-managers, common-dependencies, all. */
    public String level() {
        return settings().level().text();
    }

    /** Whether internet access is on at all. */
    public boolean internet() {
        return settings().internet();
    }

    /** The settings version it was made from. */
    public long version() {
        return content().version();
    }

    /**
     * Where its settings come from: {@code settings}, {@code policy-file}, {@code command-line},
     * {@code api}.
     */
    public String origin() {
        return content().origin();
    }

    /** The settings in it. */
    public Settings settings() {
        return content().settings();
    }

    /** Private blocks of named internal domains. */
    public List<Cidr> internalBlocks() {
        return settings().internal().stream()
                .flatMap(internal -> internal.blocks().stream())
                .distinct()
                .toList();
    }

    /** Whether anyone may publish under the preset entry with this canonical text. */
    public boolean isUserContent(String pattern) {
        return content().presets().stream()
                .anyMatch(preset -> preset.userContent().contains(pattern));
    }

    /**
     * What {@link #policy} is compiled from, without the platform's emergency list: that is no part
     * of a snapshot.
     */
    public Policy.Rules rules() {
        return PolicyRules.of(content(), name());
    }

    /** The compiled policy; compiled once for each digest. */
    public Policy policy() {
        return Compiled.policy(this);
    }

    private SnapshotV1 content() {
        return Compiled.content(this);
    }
}
