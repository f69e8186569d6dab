package io.sallyport.sync.source;

import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pulls from the embedded store. */
final class StoredSettings implements PolicySource {
    private final OrgStore store;
    private final Presets presets;
    private final Frozen frozen = new Frozen(Frozen.MAX_CHARS);

    StoredSettings(OrgStore store, Presets presets) {
        this.store = store;
        this.presets = presets;
    }

    @Override
    public Snapshot pull(String org, @Nullable String agent, @Nullable String namespace)
            throws Refused, IOException {
        try {
            long version = store.currentNumber(Settings.org(org));
            if (namespace != null && !store.isMapped(Mapping.namespace(namespace), org)) {
                throw Reasons.unmapped(org, namespace);
            }
            if (agent != null && !store.codeExecution(org, Settings.agent(agent))) {
                throw Reasons.codeExecutionOff(org, agent);
            }
            Optional<Snapshot> kept = frozen.of(org, version);
            return kept.isPresent() ? kept.get() : freeze(store.current(org));
        } catch (Refusal | IllegalArgumentException e) {
            throw Reasons.refused(e);
        }
    }

    private Snapshot freeze(Version current) {
        Snapshot snapshot =
                Snapshot.of(
                        current.org(),
                        null,
                        current.number(),
                        "settings",
                        current.settings(),
                        presets);
        frozen.keep(current.org(), current.number(), snapshot);
        return snapshot;
    }

    @Override
    public void close() {
        store.close();
    }
}
