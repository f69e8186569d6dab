package io.sallyport.sync.session;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Bound;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Origin;
import io.sallyport.sync.network.Network.Pending;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Pod;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.snapshot.Snapshot;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Networks as the journal keeps them. Reading, sessions of one snapshot share it: a thousand of an
 * org are compiled once. Any thread.
 */
final class Entries {
    private final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();

    static Journal.Entry of(Network network) {
        Session session = network.session();
        return new Journal.Entry(
                network.id(),
                network.place().interfaceName(),
                network.place().addresses().stream().map(Cidr::toString).toList(),
                network.kept(),
                network.binding(),
                session == null
                        ? null
                        : new Journal.Bound(
                                session.id(),
                                session.org(),
                                session.agent(),
                                session.started().getEpochSecond(),
                                session.mode() == Mode.ENFORCE ? null : session.mode().text(),
                                session.lease() == 0 ? null : session.lease(),
                                session.snapshot().digest(),
                                session.snapshot().json()),
                origin(network.origin()));
    }

    private static Journal.@Nullable Origin origin(@Nullable Origin origin) {
        if (origin == null) {
            return null;
        }
        Pod pod = origin.pod();
        return new Journal.Origin(
                origin.container(),
                origin.ifname(),
                origin.device(),
                origin.index(),
                origin.boot(),
                pod == null ? null : pod.namespace(),
                pod == null ? null : pod.name(),
                pod == null ? null : pod.uid());
    }

    /**
     * @throws IllegalArgumentException if what the entry holds cannot be a network's
     */
    Network network(Journal.Entry entry) {
        Place place =
                new Place(
                        entry.interfaceName(),
                        entry.addresses().stream().map(Cidr::parse).toList());
        Journal.Bound bound = entry.session();
        return new Network(
                entry.network(),
                place,
                entry.kept(),
                entry.binding(),
                bound == null ? new Pending() : new Bound(session(bound)),
                origin(entry.origin()),
                null);
    }

    static @Nullable Origin origin(Journal.@Nullable Origin written) {
        if (written == null) {
            return null;
        }
        String namespace = written.namespace();
        String pod = written.pod();
        return new Origin(
                written.container(),
                written.ifname(),
                written.device(),
                written.index(),
                written.boot(),
                namespace == null || pod == null ? null : new Pod(namespace, pod, written.uid()));
    }

    private Session session(Journal.Bound bound) {
        Snapshot snapshot = snapshots.computeIfAbsent(bound.snapshot(), Snapshot::parse);
        if (!snapshot.digest().equals(bound.digest())) {
            throw new IllegalArgumentException(
                    "its snapshot is " + snapshot.digest() + ", not " + bound.digest());
        }
        return new Session(
                bound.id(),
                bound.org(),
                bound.agent(),
                Instant.ofEpochSecond(bound.started()),
                mode(bound.mode()),
                bound.lease() == null ? 0 : bound.lease(),
                snapshot);
    }

    private static Mode mode(@Nullable String text) {
        if (text == null) {
            return Mode.ENFORCE;
        }
        if (text.equals(Mode.OBSERVE.text())) {
            return Mode.OBSERVE;
        }
        throw new IllegalArgumentException("\"" + text + "\" is no mode of a session");
    }
}
