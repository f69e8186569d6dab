package io.sallyport.sync.control;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Which code answers which endpoint, what it takes in its query and how much in its body. */
final class Routes {
    /** What a request brings along; how much of it is read is configured. */
    enum Body {
        NONE,
        /** A few fields that people fill in. */
        FIELDS,
        /** Whole settings, domains, reports. */
        LISTS
    }

    /** Answers one endpoint. */
    interface Handler {
        Reply answer(Call call) throws Problem, Refusal, IOException;
    }

    /**
     * @param parameters that its query may have
     */
    record Route(Handler handler, Set<String> parameters, Body body) {}

    private final Map<Endpoint, Route> routes = new EnumMap<>(Endpoint.class);

    Routes on(Endpoint endpoint, Handler handler, String... parameters) {
        return on(
                endpoint,
                endpoint.method().equals("GET") ? Body.NONE : Body.FIELDS,
                handler,
                parameters);
    }

    Routes on(Endpoint endpoint, Body body, Handler handler, String... parameters) {
        routes.put(endpoint, new Route(handler, Set.of(parameters), body));
        return this;
    }

    /**
     * @throws IllegalStateException if an endpoint of the table has no code
     */
    Routes complete() {
        for (Endpoint endpoint : Endpoint.values()) {
            of(endpoint);
        }
        return this;
    }

    Route of(Endpoint endpoint) {
        Route route = routes.get(endpoint);
        if (route == null) {
            throw new IllegalStateException("nothing answers " + endpoint);
        }
        return route;
    }
}
