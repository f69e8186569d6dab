package io.sallyport.sync.node;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.page.Page;
import io.sallyport.sync.page.Page.Told;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.session.Sessions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a sandbox is told of a name: by the policy that its queries are judged by. */
final class Explainer implements Page.Teller {
    private static final String PENDING =
            "No session is bound to this sandbox yet: every name is denied until then. Wait, and ask"
                    + " again.\n";

    private final Sessions sessions;
    private final Presets presets;

    Explainer(Sessions sessions, Presets presets) {
        this.sessions = sessions;
        this.presets = presets;
    }

    @Override
    public Told tell(Binding network, String text) {
        WireName name = Explanation.name(text);
        Optional<Session> session = sessions.network(network.network().id()).map(Network::session);
        if (session.isEmpty() || network.ended()) {
            return new Told(PENDING, pending(name));
        }
        boolean observes = network.network().observe();
        Explanation explanation =
                Explanation.of(session.get().snapshot(), network.network().policy(), name, presets);
        String told = explanation.told(observes);
        Map<String, Object> document = new TreeMap<>(explanation.document());
        document.put("mode", session.get().mode().text());
        document.put("session", session.get().id());
        document.put("text", told);
        return new Told(told, Document.canonical(document));
    }

    private static String pending(WireName name) {
        return Document.canonical(
                Map.of(
                        "name",
                        name.toString(),
                        "verdict",
                        "deny",
                        "reason",
                        "not-ready",
                        "text",
                        PENDING));
    }
}
