package io.sallyport.resolver.journey;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import io.sallyport.resolver.special.SpecialNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers TXT of {@code NAME.why.sallyport.internal}: what holds for NAME here, in words for
 * whoever meets a name that does not resolve, who may be an agent. Nothing is asked of anybody for
 * it, and nothing is changed by it.
 */
final class Why {
    private static final byte[] ZONE = WireName.parse("why.sallyport.internal").octets();

    /** RFC 1035 §3.3: a string in a record. */
    private static final int MAX_STRING = 255;

    private final Reply reply;
    private final Tally tally;

    Why(Reply reply, Tally tally) {
        this.reply = reply;
        this.tally = tally;
    }

    /** Null if the question is about something else. */
    @Nullable Reply of(Query query, Binding network, boolean tcp) {
        int length = query.nameLength() - ZONE.length;
        byte[] asked = query.lowered();
        if (length < 0 || !Arrays.equals(asked, length, query.nameLength(), ZONE, 0, ZONE.length)) {
            return null;
        }
        byte[] inner = Arrays.copyOf(asked, length + 1);
        inner[length] = 0; // the root label
        if (!endsThere(inner, length)) {
            return null;
        }
        tally.add(Count.SPECIAL_USE);
        List<String> said =
                length == 0
                        ? List.of("ask for TXT of NAME.why.sallyport.internal")
                        : about(WireName.ofLowered(inner, 0, inner.length), network);
        return reply.text(query, strings(said), tcp);
    }

    /** The octets of the zone may be the end of a longer label: then the labels do not add up. */
    private static boolean endsThere(byte[] name, int length) {
        int at = 0;
        while (at < length) {
            at += name[at] + 1;
        }
        return at == length;
    }

    private static List<String> about(WireName name, Binding network) {
        if (SpecialNames.answeredHere(name.octets(), name.length(), true)) {
            return List.of(
                    name + " is a special-use name: it is answered here and leads nowhere.",
                    "Do not retry.");
        }
        return switch (network.policy().judge(name)) {
            case Allow allow ->
                    List.of(
                            name
                                    + " is allowed by "
                                    + allow.pattern()
                                    + " ("
                                    + allow.source()
                                    + "), "
                                    + network.policy().label()
                                    + ".",
                            "If it does not work, the policy is not why.");
            case Deny(Reason reason, _, _)
                    when reason == Reason.NOT_ALLOWED && network.observes() ->
                    List.of(
                            name + " is " + network.because(reason) + ".",
                            "OBSERVE MODE: it is answered all the same, and recorded.");
            case Deny(Reason reason, _, String source) ->
                    List.of(
                            name + " is blocked by design: " + network.because(reason) + ".",
                            "Do not retry: other servers, ports, protocols or addresses will not help either.",
                            whatToDo(reason, source));
        };
    }

    private static String whatToDo(Reason reason, String source) {
        return switch (reason) {
            case NOT_READY -> "Wait until a session is bound.";
            case INTERNET_OFF, DENIED_DOMAIN, NOT_ALLOWED ->
                    "Go on without it, or tell your user that an admin of the organisation can allow it for new sessions.";
            case EMERGENCY ->
                    "Go on without it; only an admin of "
                            + (source.startsWith("org ") ? source : "the platform")
                            + " can lift this.";
            case PUBLIC_RESOLVER ->
                    "No setting opens it; the DNS server of this sandbox answers every name that is allowed.";
        };
    }

    private static List<byte[]> strings(List<String> said) {
        List<byte[]> strings = new ArrayList<>();
        for (String text : said) {
            byte[] octets = text.getBytes(StandardCharsets.UTF_8);
            strings.add(octets.length <= MAX_STRING ? octets : Arrays.copyOf(octets, MAX_STRING));
        }
        return strings;
    }
}
