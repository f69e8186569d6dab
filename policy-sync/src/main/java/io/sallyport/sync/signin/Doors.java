package io.sallyport.sync.signin;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.limit.RateLimit;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.signin.Attempts.Attempt;
import io.sallyport.sync.signin.BrowserSessions.Basis;
import io.sallyport.sync.signin.People.Known;
import io.sallyport.sync.signin.SignIn.Refused;
import io.sallyport.sync.signin.SignIn.Visitor;
import io.sallyport.sync.signin.Site.Cookie;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ways in and the way out. */
final class Doors {
    private static final Logger LOG = LoggerFactory.getLogger(Doors.class);

    /** A token is 47 characters. */
    private static final int MAX_BODY = 4096;

    /** Some providers' codes are JSON Web Tokens. */
    private static final int MAX_CODE = 8192;

    /** An office behind one address comes in the morning; each costs a few requests. */
    private static final Rate RATE = new Rate(60, 2, Duration.ofSeconds(1));

    private static final int MOST_ADDRESSES = 10_000;

    /** A path of this server: browsers read {@code //} and {@code /\} as another's. */
    private static final Pattern TARGET =
            Pattern.compile("/(?![/\\\\])[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]{0,500}");

    /** RFC 6749 §4.1.2.1. */
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,64}");

    /** Says who a request is from. */
    interface Visitors {
        Optional<Visitor> of(ServerRequest request) throws Refused, IOException;
    }

    private interface Step {
        void take(ServerRequest request, ServerResponse response) throws Refused, IOException;
    }

    private final Site site;
    private final BrowserSessions sessions;
    private final Attempts attempts;
    private final Tokens tokens;
    private final Optional<OpenId> openId;
    private final Optional<People> people;
    private final RateLimit limit = new RateLimit(RATE, MOST_ADDRESSES);

    Doors(
            Site site,
            BrowserSessions sessions,
            Attempts attempts,
            Tokens tokens,
            Optional<OpenId> openId,
            Optional<People> people) {
        this.site = site;
        this.sessions = sessions;
        this.attempts = attempts;
        this.tokens = tokens;
        this.openId = openId;
        this.people = people;
    }

    void routing(HttpRules rules, Visitors visitors) {
        rules.get("/signin", guarded(this::leave, Answers::page))
                .get("/signin/callback", guarded(this::comeBack, Answers::page))
                .post("/signin", guarded(this::showToken, Answers::problem))
                .post(
                        "/signout",
                        guarded(
                                (request, response) -> signOut(request, response, visitors),
                                Answers::problem));
    }

    private interface Complaint {
        void send(ServerResponse response, Status status, String sentence);
    }

    private Handler guarded(Step step, Complaint complaint) {
        return (request, response) -> {
            Answers.secure(response);
            long wait = wait(request);
            if (wait > 0) {
                response.header(HeaderNames.RETRY_AFTER, Long.toString(wait));
                complaint.send(
                        response, Answers.TOO_MANY, "too many sign-ins from here; wait a little");
                return;
            }
            try {
                step.take(request, response);
            } catch (Refused e) {
                LOG.warn("sign-in refused reason={}", e.reason());
                complaint.send(response, Answers.status(e), String.valueOf(e.getMessage()));
            } catch (IOException e) {
                LOG.warn("sign-in failed: {}", e.getMessage());
                complaint.send(
                        response,
                        Status.SERVICE_UNAVAILABLE_503,
                        "signing in does not work at the moment; try again in a minute, or sign in"
                                + " with a token. This server's log has the reason");
            }
        };
    }

    private long wait(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress remote
                ? limit.take(RateLimit.key(remote.getAddress()))
                : 0;
    }

    private OpenId openId() throws Refused {
        return openId.orElseThrow(() ->
                new Refused(
                        "no-provider",
                        "no identity provider is set up here; sign in with a token"));
    }

    private void leave(ServerRequest request, ServerResponse response) throws Refused, IOException {
        OpenId provider = openId();
        Form query = query(request);
        String target = query.field("return").orElse("/");
        if (!TARGET.matcher(target).matches()) {
            throw new Refused("return", "the place to return to is not one of this console");
        }
        Secret browser = site.cookie(request, Cookie.ATTEMPT).orElseGet(Secret::fresh);
        Attempt attempt = attempts.begin(browser, target);
        site.set(request, response, Cookie.ATTEMPT, browser.text(), Attempts.LIFE);
        Answers.redirect(response, provider.begin(attempt).toString());
    }

    private void comeBack(ServerRequest request, ServerResponse response)
            throws Refused, IOException {
        OpenId provider = openId();
        Form query = query(request);
        Attempt attempt = attempt(request, query);
        provider.checkIssuer(query.field("iss"));
        Optional<String> error = query.field("error");
        if (error.isPresent()) {
            throw refusedThere(error.get());
        }
        String code =
                query.field("code")
                        .filter(text -> text.length() <= MAX_CODE)
                        .orElseThrow(() ->
                                new Refused("no-code", "the answer has no code; sign in again"));
        Known person = people.orElseThrow().known(provider.redeem(code, attempt));
        admit(request, response, person.holder(), new Basis.Mapping(person.mapping()));
        Answers.redirect(response, attempt.target());
    }

    /** The one that this browser began, and that was not used yet. */
    private Attempt attempt(ServerRequest request, Form query) throws Refused, IOException {
        Optional<Secret> state = query.field("state").flatMap(Secret::of);
        Optional<Secret> browser = site.cookie(request, Cookie.ATTEMPT);
        Optional<Attempt> attempt =
                state.isEmpty()
                        ? Optional.empty()
                        : attempts.take(state.get(), browser.orElseGet(Secret::fresh));
        return attempt.orElseThrow(() ->
                new Refused(
                        "state",
                        "this sign-in was not begun in this browser, was used already, or"
                                + " took longer than "
                                + Attempts.LIFE.toMinutes()
                                + " minutes; sign in again"));
    }

    private static Refused refusedThere(String error) {
        String code = ERROR.matcher(error).matches() ? error : "unknown_error";
        return new Refused(
                "provider-says " + code, "the identity provider did not sign you in: " + code);
    }

    private void showToken(ServerRequest request, ServerResponse response)
            throws Refused, IOException {
        site.checkOrigin(request);
        Holder holder =
                tokens.find(token(request))
                        .orElseThrow(() ->
                                new Refused(
                                        Answers.UNKNOWN_TOKEN,
                                        "this token is not known, has expired or was"
                                                + " revoked"));
        if (holder.role() == Role.NODE) {
            throw new Refused("node-token", "this is a node's token; sign in with one of a person");
        }
        admit(request, response, holder, new Basis.Token(holder.id()));
        response.status(Status.NO_CONTENT_204).send();
    }

    /** JSON, which a form of another site cannot send. */
    private static String token(ServerRequest request) throws Refused, IOException {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        byte[] body = request.content().inputStream().readNBytes(MAX_BODY + 1);
        if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")
                || body.length > MAX_BODY) {
            throw unreadable();
        }
        try {
            Document.Fields fields =
                    Document.json(new String(body, StandardCharsets.UTF_8)).fields();
            String token = fields.required("token").text();
            fields.end();
            return token;
        } catch (IllegalArgumentException e) {
            throw unreadable(); // its complaint may repeat the token
        }
    }

    private static Refused unreadable() {
        return new Refused(Answers.UNREADABLE, "write {\"token\": \"spt_…\"} as application/json");
    }

    /** A session that the browser had before is over: nobody carries one into another's sign-in. */
    private void admit(ServerRequest request, ServerResponse response, Holder holder, Basis basis)
            throws Refused, IOException {
        Optional<Secret> before = site.cookie(request, Cookie.SESSION);
        if (before.isPresent()) {
            sessions.end(before.get());
        }
        Secret session = sessions.start(holder, basis);
        site.set(request, response, Cookie.SESSION, session.text(), sessions.life());
        site.clear(request, response, Cookie.ATTEMPT);
        LOG.info(
                "signed in id={} role={} org={}",
                holder.id(),
                holder.role().text(),
                holder.org().orElse("-"));
    }

    private void signOut(ServerRequest request, ServerResponse response, Visitors visitors)
            throws Refused, IOException {
        Optional<Visitor> visitor = visitors.of(request);
        if (visitor.isPresent()) {
            Optional<Secret> session = site.cookie(request, Cookie.SESSION);
            if (session.isPresent()) {
                sessions.end(session.get());
            }
            LOG.info("signed out id={}", visitor.get().holder().id());
        }
        site.clear(request, response, Cookie.SESSION);
        response.status(Status.NO_CONTENT_204).send();
    }

    private static Form query(ServerRequest request) throws Refused {
        try {
            return Form.parse(request.prologue().query().rawValue());
        } catch (Form.Unreadable e) {
            throw new Refused(Answers.UNREADABLE, "this address cannot be read: " + e.getMessage());
        }
    }
}
