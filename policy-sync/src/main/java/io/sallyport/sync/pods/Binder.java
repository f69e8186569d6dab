package io.sallyport.sync.pods;

import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.cluster.Cluster.Pod;
import io.sallyport.sync.event.EventLog;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.session.Sessions.OfPod;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Sessions.Request;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the session of a pod's network what the pod says, once. Any thread. */
final class Binder {
    private static final Logger LOG = LoggerFactory.getLogger(Binder.class);

    /** A pod's sandbox that is made again so often is in trouble of another kind. */
    private static final int MOST_TIMES = 100;

    private final Sessions sessions;
    private final EventLog events;
    private final Claim.Keys keys;
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong changed = new AtomicLong();

    /** What was told of a network last, so that it is told once. */
    private final Map<String, String> told = new ConcurrentHashMap<>();

    Binder(Sessions sessions, EventLog events, Claim.Keys keys) {
        this.sessions = sessions;
        this.events = events;
        this.keys = keys;
    }

    /**
     * Starts the session that a pod asks for on a network that waits. Nothing happens where it
     * names no org.
     *
     * @throws PolicySource.Refused if it may not have it, with a sentence
     * @throws IOException if it cannot be known, or done, just now
     */
    void settle(Network network, Pod pod) throws PolicySource.Refused, Rejected, IOException {
        try {
            Claim claim = claim(pod);
            if (claim.org().isPresent()) {
                start(network, pod, claim, claim.org().get());
                told.remove(network.id());
            }
        } catch (PolicySource.Refused e) {
            if (isNews(network, String.valueOf(e.getMessage()))) {
                refused.incrementAndGet();
                LOG.warn("pod {} gets no session: {}", name(pod), e.getMessage());
                events.podRefused(
                        network.id(), name(pod), org(pod), String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /** Whether it asks for a session, rightly or not. */
    boolean asks(Pod pod) {
        try {
            return claim(pod).org().isPresent();
        } catch (PolicySource.Refused e) {
            return true;
        }
    }

    private Claim claim(Pod pod) throws PolicySource.Refused {
        try {
            return Claim.read(keys, pod.labels(), pod.annotations());
        } catch (IllegalArgumentException e) {
            PolicySource.Refused refusal = new PolicySource.Refused(String.valueOf(e.getMessage()));
            refusal.initCause(e);
            throw refusal;
        }
    }

    private String org(Pod pod) {
        try {
            return claim(pod).org().orElse("");
        } catch (PolicySource.Refused e) {
            return "";
        }
    }

    /** Whose session runs stays whose it is, whatever the pod says now. */
    void compare(Network network, Session session, Pod pod) {
        String named;
        try {
            named = claim(pod).org().orElse(session.org());
        } catch (PolicySource.Refused e) {
            named = "more than one";
        }
        if (!named.equals(session.org()) && isNews(network, named)) {
            changed.incrementAndGet();
            LOG.warn(
                    "pod {} names org {} now; its session {} stays with org {}",
                    name(pod),
                    named,
                    session.id(),
                    session.org());
            events.podOrgChanged(network.id(), name(pod), session.org(), named);
        }
    }

    private boolean isNews(Network network, String what) {
        return !what.equals(told.put(network.id(), what));
    }

    private void start(Network network, Pod pod, Claim claim, String org)
            throws PolicySource.Refused, Rejected, IOException {
        for (int time = 1; ; time++) {
            try {
                var _ =
                        sessions.start(
                                new Request(
                                        id(pod, time),
                                        org,
                                        claim.agent().orElse(null),
                                        network.place(),
                                        Mode.ENFORCE,
                                        0,
                                        new OfPod(network.id(), pod.namespace())));
                return;
            } catch (Rejected e) {
                // The same pod, its sandbox made again; or somebody else's choice of an id.
                boolean used = e.field().equals("id") || isTaken(network, id(pod, time));
                if (e.kind() != Rejected.Kind.CONFLICT || !used || time == MOST_TIMES) {
                    throw e;
                }
            }
        }
    }

    private boolean isTaken(Network network, String id) {
        return sessions.list().stream()
                .anyMatch(other ->
                        other.session() != null
                                && other.session().id().equals(id)
                                && !other.id().equals(network.id()));
    }

    /** What the webhook chose, or what is told from all others as well. */
    private static String id(Pod pod, int time) {
        String id =
                Optional.ofNullable(pod.annotations().get(Claim.SESSION))
                        .filter(text -> text.length() <= 100 && Session.isId(text))
                        .orElse("pod-" + pod.uid());
        return time == 1 ? id : id + "." + time;
    }

    static String name(Pod pod) {
        return pod.namespace() + "/" + pod.name();
    }

    void forgetAllBut(Collection<String> networks) {
        told.keySet().retainAll(networks);
    }

    long refused() {
        return refused.get();
    }

    long changed() {
        return changed.get();
    }
}
