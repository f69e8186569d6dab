package io.sallyport.sync.control;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.signin.SignIn.Person;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/sign-ins}: people in the console, and how they are put out of it. */
final class SignInRoutes {
    private final SignIn signIn;

    SignInRoutes(SignIn signIn) {
        this.signIn = signIn;
    }

    void add(Routes routes) {
        routes.on(Endpoint.SIGN_INS, this::list, "limit")
                .on(Endpoint.SIGN_IN_END, Routes.Body.NONE, this::end, "why");
    }

    private Reply list(Call call) throws Problem, IOException {
        ArrayNode items = Json.array();
        signIn.people(Paging.limit(call)).forEach(person -> items.add(item(person)));
        return Reply.ok(Json.object().set("items", items));
    }

    private static ObjectNode item(Person person) {
        return Json.object()
                .put("person", person.holder().id())
                .put("name", person.holder().name())
                .put("role", person.holder().role().text())
                .put("org", person.holder().org().orElse(null))
                .put("browsers", person.browsers())
                .put("since", person.since().toString())
                .put("last-used", person.used().toString());
    }

    private Reply end(Call call) throws Refusal, IOException {
        signIn.end(call.path("person"), call.author(call.query("why").orElse("")));
        return Reply.nothing();
    }
}
