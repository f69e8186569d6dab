package io.sallyport.resolver.journey;

import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.query.Query.Gate;
import io.sallyport.resolver.reply.Reply;

/** What is said to a query that does not get as far as a name's verdict, and what is counted. */
final class Refusals {
    private static final ExtendedError STRANGER =
            new ExtendedError(
                    ExtendedError.PROHIBITED,
                    "this address belongs to no network that may ask here");
    private static final ExtendedError NO_RECURSION =
            new ExtendedError(
                    ExtendedError.NOT_AUTHORITATIVE,
                    "only recursive questions are answered: set RD");
    private static final ExtendedError NOT_IN =
            new ExtendedError(ExtendedError.NOT_SUPPORTED, "class IN only");
    private static final ExtendedError NOT_THIS_TYPE =
            new ExtendedError(ExtendedError.NOT_SUPPORTED, "no such question is answered here");

    private final Reply reply;

    Refusals(Reply reply) {
        this.reply = reply;
    }

    Reply turnAway(Query query, Gate gate, boolean tcp) {
        return switch (gate) {
            case OPCODE -> reply.headerOnly(query, Reply.NOTIMP, tcp);
            case VERSION -> reply.badVersion(query, tcp);
            case CLASS -> reply.refuse(query, Reply.REFUSED, NOT_IN, tcp);
            case TRANSFER -> reply.refuse(query, Reply.REFUSED, NOT_THIS_TYPE, tcp);
            case PSEUDO_TYPE -> reply.refuse(query, Reply.FORMERR, NOT_THIS_TYPE, tcp);
            case META_TYPE -> reply.refuse(query, Reply.NOTIMP, NOT_THIS_TYPE, tcp);
            case COOKIE -> reply.cookie(query, tcp);
            case MALFORMED, SILENT, PASS -> reply.headerOnly(query, Reply.FORMERR, tcp);
        };
    }

    Reply stranger(Query query, boolean tcp) {
        return reply.refuse(query, Reply.REFUSED, STRANGER, tcp);
    }

    /** RFC 1034 §4.3.1; an answer from the cache would tell what others have asked. */
    Reply withoutRecursion(Query query, boolean tcp) {
        return reply.refuse(query, Reply.REFUSED, NO_RECURSION, tcp);
    }

    static Outcome decision(Reason reason) {
        return switch (reason) {
            case NOT_READY -> Outcome.NO_SNAPSHOT;
            case INTERNET_OFF -> Outcome.INTERNET_OFF;
            case DENIED_DOMAIN -> Outcome.RULE;
            case EMERGENCY -> Outcome.EMERGENCY;
            case PUBLIC_RESOLVER -> Outcome.PUBLIC_RESOLVER;
            case NOT_ALLOWED -> Outcome.NO_RULE;
        };
    }
}
