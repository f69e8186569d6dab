package io.sallyport.sync.session;

import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.session.Sessions.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is asked for under a name that something has already: the same again, or something else. */
final class Repeat {
    private record Difference(String field, String text) {}

    private Repeat() {}

    /**
     * @throws Rejected with every difference, if this is not what was asked for the first time
     */
    static void check(Network there, Session session, Request asked) throws Rejected {
        List<Difference> differences = new ArrayList<>(places(there.place(), asked.place()));
        compare(differences, "org", session.org(), asked.org());
        compare(differences, "agent", session.agent(), asked.agent());
        compare(differences, "mode", session.mode().text(), asked.mode().text());
        compare(differences, "lease", session.lease(), asked.lease());
        check("session " + session.id(), differences);
    }

    static void check(Network there, Place asked) throws Rejected {
        check("network " + there.id(), places(there.place(), asked));
    }

    private static void check(String what, List<Difference> differences) throws Rejected {
        if (!differences.isEmpty()) {
            throw new Rejected(
                    Rejected.Kind.CONFLICT,
                    differences.getFirst().field(),
                    what
                            + " is there, and another one: "
                            + String.join("; ", differences.stream().map(Difference::text).toList())
                            + ". Take another id, or end that one first");
        }
    }

    private static List<Difference> places(Place there, Place asked) {
        List<Difference> differences = new ArrayList<>();
        compare(differences, "interface", there.interfaceName(), asked.interfaceName());
        compare(differences, "addresses", sorted(there), sorted(asked));
        return differences;
    }

    private static List<String> sorted(Place place) {
        return place.addresses().stream().map(Object::toString).distinct().sorted().toList();
    }

    private static void compare(
            List<Difference> into, String field, @Nullable Object there, @Nullable Object asked) {
        if (!Objects.equals(there, asked)) {
            into.add(new Difference(field, field + " is " + text(there) + ", not " + text(asked)));
        }
    }

    private static String text(@Nullable Object value) {
        return value == null ? "none" : value.toString();
    }
}
