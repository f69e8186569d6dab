package io.sallyport.sync.session;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.session.Sessions.Network;
import io.sallyport.sync.session.Sessions.Session;
import io.sallyport.sync.snapshot.Snapshot;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Networks as the journal keeps them. */
final class Entries {
    private Entries() {}

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
                                session.mode() == Sessions.Mode.ENFORCE
                                        ? null
                                        : session.mode().text(),
                                session.snapshot().digest(),
                                session.snapshot().json()));
    }

    static Network network(Journal.Entry entry) {
        Sessions.Place place =
                new Sessions.Place(
                        entry.interfaceName(),
                        entry.addresses().stream().map(Cidr::parse).toList());
        return new Network(
                entry.network(), place, entry.kept(), entry.binding(), session(entry.session()));
    }

    private static @Nullable Session session(Journal.@Nullable Bound bound) {
        if (bound == null) {
            return null;
        }
        Snapshot snapshot = Snapshot.parse(bound.snapshot());
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
                snapshot);
    }

    private static Sessions.Mode mode(@Nullable String text) {
        if (text == null) {
            return Sessions.Mode.ENFORCE;
        }
        if (text.equals(Sessions.Mode.OBSERVE.text())) {
            return Sessions.Mode.OBSERVE;
        }
        throw new IllegalArgumentException("\"" + text + "\" is no mode of a session");
    }
}
