package io.sallyport.sync.control;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.access.Access;
import io.sallyport.sync.doorman.Doorman;
import io.sallyport.sync.limit.RateLimit;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.token.Tokens.Holder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of every request: each line may send it home. */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    /** As many callers are told apart; some 10 MB when all are there. */
    private static final int MOST_KEYS = 100_000;

    private static final HeaderName RETRY_AFTER = HeaderNames.create("Retry-After");

    private final Routes routes;
    private final Callers callers;
    private final Repeats repeats;
    private final RateLimit byAddress;
    private final RateLimit byPerson;
    private final RateLimit byNode;
    private final Turns turns = new Turns();
    private final Doorman.Patience patience;
    private final Control.Sizes sizes;
    private final boolean tls;
    private final Meters meters;

    Gate(
            Routes routes,
            Callers callers,
            Repeats repeats,
            Doorman.Patience patience,
            Meters meters,
            Control.Config config) {
        this.patience = patience;
        this.meters = meters;
        this.routes = routes;
        this.callers = callers;
        this.repeats = repeats;
        this.byAddress = new RateLimit(config.limits().rates().address(), MOST_KEYS);
        this.byPerson = new RateLimit(config.limits().rates().person(), MOST_KEYS);
        this.byNode = new RateLimit(config.limits().rates().node(), MOST_KEYS);
        this.sizes = config.limits().sizes();
        this.tls = config.tls().isPresent();
    }

    /** Before anything else that this server does, console and sign-in too. */
    void limit(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Doorman.stay(patience.stranger());
        long begin = System.nanoTime();
        try {
            spend(byAddress, RateLimit.key(address(request)));
            chain.proceed();
        } catch (Problem tooMany) {
            send(response, tooMany.reply());
        } finally {
            Doorman.next();
            meters.served(
                    request.prologue().method().text(),
                    request.prologue().uriPath().rawPath(),
                    response.status().code(),
                    System.nanoTime() - begin);
        }
    }

    void handle(ServerRequest request, ServerResponse response) {
        try (Turns.Turn turn = turns.turn()) {
            send(response, reply(request, turn));
        }
    }

    private Reply reply(ServerRequest request, Turns.Turn turn) {
        try {
            return unchanged(request, answer(request, turn));
        } catch (Problem problem) {
            return problem.reply();
        } catch (Refusal refusal) {
            return Refusals.problem(refusal).reply();
        } catch (IllegalArgumentException complaint) {
            return Problem.invalid(complaint).reply();
        } catch (IOException trouble) {
            LOG.warn("refused: {}", trouble.getMessage());
            return Problem.of(
                            Status.SERVICE_UNAVAILABLE_503,
                            "the store cannot be used now; the server's log says why")
                    .reply();
        } catch (RuntimeException fault) {
            LOG.error("request {}", request.prologue().method(), fault);
            return Problem.of(
                            Status.INTERNAL_SERVER_ERROR_500,
                            "an error on our side; the server's log has it")
                    .reply();
        }
    }

    private Reply answer(ServerRequest request, Turns.Turn turn)
            throws Problem, Refusal, IOException {
        Target target =
                Target.of(
                        request.prologue().method().text(), request.prologue().uriPath().rawPath());
        Routes.Route route = routes.of(target.endpoint());
        Map<String, String> query = Target.query(request.query().rawValue());
        if (target.endpoint().open()) {
            known(query, route);
            return route.handler()
                    .answer(new Call(target, query, request, Optional.empty(), new byte[0]));
        }
        Callers.Caller caller = callers.identify(request);
        Holder holder = caller.holder();
        spend(rate(holder), holder.id());
        admit(holder, target);
        known(query, route);
        Doorman.stay(patience.caller());
        turn.enter(holder, target.endpoint(), route.body());
        byte[] body = body(request, sizes.of(route.body()));
        Call call = new Call(target, query, request, Optional.of(caller), body);
        return turn.work(() -> repeats.once(call, body, () -> route.handler().answer(call)));
    }

    private static java.net.InetAddress address(ServerRequest request) {
        return ((InetSocketAddress) request.remotePeer().address()).getAddress();
    }

    private RateLimit rate(Holder holder) {
        return switch (holder.role()) {
            case NODE -> byNode;
            case PLATFORM_ADMIN, ORG_ADMIN, ORG_VIEWER -> byPerson;
        };
    }

    private static void spend(RateLimit limit, String key) throws Problem {
        long seconds = limit.take(key);
        if (seconds > 0) {
            throw Problem.of(
                            Problem.TOO_MANY,
                            "too many requests; wait " + seconds + " s and send it again")
                    .header(RETRY_AFTER.defaultCase(), Long.toString(seconds));
        }
    }

    private static void admit(Holder holder, Target target) throws Problem {
        Optional<String> asked = Optional.ofNullable(target.path().get("org"));
        String node = target.path().get("node");
        switch (Access.judge(holder.role(), holder.org(), target.endpoint(), asked)) {
            case GRANTED -> {
                if (asked.isPresent() && !isName(asked.get())) {
                    throw Problem.unknownOrg();
                }
            }
            case REFUSED ->
                    throw Problem.of(
                            Status.FORBIDDEN_403,
                            "the role "
                                    + holder.role().text()
                                    + " may not do this; ask an admin, or use another token");
            case HIDDEN -> throw Problem.unknownOrg();
        }
        if (node != null && !holder.speaksFor(node)) {
            throw Problem.of(Status.FORBIDDEN_403, notForThisNode(holder));
        }
    }

    private static String notForThisNode(Holder holder) {
        return holder.node().isPresent()
                ? "this token is for the node "
                        + holder.node().get()
                        + " and no other; make one for this node, or give it that name"
                : "this token is of an earlier version and for no node in particular; make one for"
                        + " this node: sallyport token create --role node --node NAME";
    }

    private static boolean isName(String org) {
        try {
            Settings.org(org);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void known(Map<String, String> query, Routes.Route route) throws Problem {
        for (String name : query.keySet()) {
            if (!route.parameters().contains(name)) {
                throw Problem.bad(
                        "",
                        route.parameters().isEmpty()
                                ? "this takes no parameters"
                                : "there is no such parameter; known are "
                                        + String.join(
                                                ", ",
                                                route.parameters().stream().sorted().toList()));
            }
        }
    }

    private byte[] body(ServerRequest request, int most) throws Problem {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        boolean announced = request.headers().contentLength().orElse(0) > most;
        byte[] octets;
        try (InputStream in = request.content().inputStream()) {
            octets = announced ? new byte[0] : in.readNBytes(most + 1);
            if (announced || octets.length > most) {
                skip(in, sizes.skipped()); // who is still sending cannot read why
                throw tooLarge(most);
            }
        } catch (IOException | RuntimeException e) {
            Doorman.last();
            throw Problem.of(
                            Status.BAD_REQUEST_400,
                            "the body broke off or is not framed as HTTP has it; send it again")
                    .header(HeaderNames.CONNECTION.defaultCase(), "close");
        }
        boolean json =
                request.headers()
                        .contentType()
                        .map(type -> type.mediaType().text().equals("application/json"))
                        .orElse(false);
        if (octets.length > 0 && !json) {
            throw Problem.of(
                    Status.UNSUPPORTED_MEDIA_TYPE_415,
                    "send JSON, with Content-Type: application/json");
        }
        return octets;
    }

    private static void skip(InputStream in, int most) throws IOException {
        byte[] buffer = new byte[1 << 13];
        int left = most;
        for (int read = in.read(buffer); read > 0 && left > 0; read = in.read(buffer)) {
            left -= read;
        }
    }

    private static Problem tooLarge(int most) {
        return Problem.of(
                Status.REQUEST_ENTITY_TOO_LARGE_413,
                most == 0
                        ? "this takes no body"
                        : "the body is too large; at most " + most + " octets are read here");
    }

    /** RFC 9110 §13.1.2: what the caller has already is not sent again. */
    private static Reply unchanged(ServerRequest request, Reply reply) {
        String tag = reply.headers().get("ETag");
        List<String> known = request.headers().values(HeaderNames.IF_NONE_MATCH);
        boolean has =
                tag != null
                        && request.prologue().method().text().equals("GET")
                        && known.stream()
                                .map(one -> one.startsWith("W/") ? one.substring(2) : one)
                                .anyMatch(tag::equals);
        return has
                ? new Reply(
                        Status.NOT_MODIFIED_304,
                        "",
                        reply.headers(),
                        new Reply.Body.Whole(new byte[0]))
                : reply;
    }

    private void send(ServerResponse response, Reply reply) {
        response.status(reply.status());
        Guards.headers(tls).forEach(response::header);
        reply.headers().forEach(response::header);
        if (!reply.type().isEmpty()) {
            response.header(HeaderNames.CONTENT_TYPE, reply.type());
        }
        switch (reply.body()) {
            case Reply.Body.Whole whole when whole.octets().length == 0 -> response.send();
            case Reply.Body.Whole whole -> response.send(whole.octets());
            case Reply.Body.Flowing(Reply.Writer writer) -> flow(response, writer);
        }
    }

    /** A stream that breaks off must not look whole: its last chunk stays away. */
    private void flow(ServerResponse response, Reply.Writer writer) {
        Doorman.stay(patience.flow());
        try {
            OutputStream out = response.outputStream();
            writer.write(out);
            out.close();
        } catch (IOException e) {
            LOG.warn("an answer broke off: {}", e.getMessage());
            throw new UncheckedIOException(e);
        }
    }
}
