package io.sallyport.sync.control;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.signin.SignIn.Visitor;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Holder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Whose request it is: by the token in its header, or by the browser that is signed in. */
final class Callers {
    private static final String SCHEME = "Bearer ";

    /**
     * @param csrf what the browser sends with each change; empty for a token
     */
    record Caller(Holder holder, Optional<String> csrf) {}

    private final Tokens tokens;
    private final SignIn signIn;

    Callers(Tokens tokens, SignIn signIn) {
        this.tokens = tokens;
        this.signIn = signIn;
    }

    /**
     * @throws Problem 401, which tells an unknown token from an expired one no more than a revoked;
     *     403 for what another site made a browser send
     */
    Caller identify(ServerRequest request) throws Problem, IOException {
        if (request.headers().contains(HeaderNames.AUTHORIZATION)) {
            return byToken(request.headers().get(HeaderNames.AUTHORIZATION).allValues());
        }
        try {
            Visitor visitor =
                    signIn.visitor(request)
                            .orElseThrow(() ->
                                    unknown(
                                            "send Authorization: Bearer with a token, or"
                                                    + " sign in"));
            return new Caller(visitor.holder(), Optional.of(visitor.csrf()));
        } catch (SignIn.Refused refused) {
            throw Problem.of(Status.FORBIDDEN_403, String.valueOf(refused.getMessage()));
        }
    }

    private Caller byToken(List<String> given) throws Problem, IOException {
        String first = given.getFirst();
        if (given.size() != 1 || !first.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw unknown("send one Authorization: Bearer with a token");
        }
        return tokens.find(first.substring(SCHEME.length()).strip())
                .map(holder -> new Caller(holder, Optional.empty()))
                .orElseThrow(() ->
                        unknown(
                                "this token is not known here; it may have expired or been"
                                        + " revoked"));
    }

    /** With the name of the provider that people may sign in by, where there is one. */
    private Problem unknown(String detail) {
        Problem problem =
                Problem.of(Status.UNAUTHORIZED_401, detail)
                        .header("WWW-Authenticate", "Bearer realm=\"sallyport\"");
        signIn.provider().ifPresent(name -> problem.with("provider", Json.of(name)));
        return problem;
    }
}
