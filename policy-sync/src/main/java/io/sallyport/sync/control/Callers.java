package io.sallyport.sync.control;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Holder;
import java.io.IOException;
import java.util.List;

/** Whose request it is: by the token in its header. */
final class Callers {
    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;

    Callers(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * @throws Problem 401, which tells an unknown token from an expired one no more than a revoked
     */
    Holder identify(ServerRequest request) throws Problem, IOException {
        List<String> given =
                request.headers().contains(HeaderNames.AUTHORIZATION)
                        ? request.headers().get(HeaderNames.AUTHORIZATION).allValues()
                        : List.of();
        if (given.size() != 1 || !given.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw unknown("send Authorization: Bearer with a token, or sign in");
        }
        return tokens.find(given.getFirst().substring(SCHEME.length()).strip())
                .orElseThrow(
                        () ->
                                unknown(
                                        "this token is not known here; it may have expired or been"
                                                + " revoked"));
    }

    private static Problem unknown(String detail) {
        return Problem.of(Status.UNAUTHORIZED_401, detail)
                .header("WWW-Authenticate", "Bearer realm=\"sallyport\"");
    }
}
