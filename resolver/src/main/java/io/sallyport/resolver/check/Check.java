package io.sallyport.resolver.check;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.question.Question;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns an upstream's message into an answer, or says why not. Keeps the chain from the question,
 * the records asked for and the SOA of a denial; everything else in the message might as well not
 * have been sent.
 */
public final class Check {

    /** What became of a message. */
    public sealed interface Outcome permits Accepted, Failed, Malformed {}

    /** An answer; SERVFAIL if the message is sound but its chain has no end. */
    public record Accepted(Answer answer) implements Outcome {}

    /**
     * The upstream could not, another one may.
     *
     * @param rcode extended, 0 for a lame one that only names other servers
     * @param edns the message had an OPT record: whoever sent it understands EDNS
     */
    public record Failed(int rcode, boolean edns) implements Outcome {}

    /** Discarded whole. */
    public record Malformed() implements Outcome {}

    /** Longest an answer is kept, so that a pin which outlives it stays short. */
    private static final int MAX_TTL = 300;

    /**
     * Of a denial that does not say how long it holds (RFC 2308 §5), and of what the filter
     * emptied.
     */
    private static final int UNTIMED_TTL = 5;

    private static final int NXDOMAIN = 3;
    private static final int EDE_OTHER = 0;
    private static final int EDE_BLOCKED = 15;
    private static final int EDE_FILTERED = 17;
    private static final byte[] NO_OCTETS = {};
    private static final int[] NO_OFFSETS = {};
    private static final byte[][] NO_ADDRESSES = {};

    private final Message message;
    private final Question question;
    private final Chain chain;
    private final BodyWriter writer;
    private final boolean authenticated;
    private final long nowNanos;

    private Check(
            Message message, Question question, Chain chain, boolean authenticated, long nowNanos) {
        this.message = message;
        this.question = question;
        this.chain = chain;
        this.writer = new BodyWriter(message, chain);
        this.authenticated = authenticated;
        this.nowNanos = nowNanos;
    }

    /**
     * Checks the first {@code length} octets. Never throws, whatever they are; takes time linear in
     * their number.
     *
     * @param trustAd whether the upstream's AD bit counts
     */
    public static Outcome check(
            byte[] octets, int length, Question question, boolean trustAd, long nowNanos) {
        Message message = Message.parse(octets, length, question);
        if (message == null) {
            return new Malformed();
        }
        if (message.rcode() != 0 && message.rcode() != NXDOMAIN) {
            return new Failed(message.rcode(), message.hasEdns());
        }
        Chain chain = Chain.of(message, question);
        return switch (chain.state()) {
            case CONTRADICTORY -> new Malformed();
            case ENDLESS ->
                    new Accepted(
                            Answer.serverFailure(
                                    EDE_OTHER, "the chain of CNAMEs does not end", nowNanos));
            case COMPLETE ->
                    new Check(
                                    message,
                                    question,
                                    chain,
                                    trustAd && message.isAuthenticated(),
                                    nowNanos)
                            .sift();
        };
    }

    private Outcome sift() {
        Sieve sieve = Sieve.of(message, chain, question);
        if (sieve.refusedAll()) {
            return new Accepted(emptied());
        }
        Authority authority = Authority.of(message, chain, question.dnssec());
        if (sieve.kept().isEmpty()) {
            return denial(authority);
        }
        return message.rcode() == NXDOMAIN ? new Malformed() : positive(sieve, authority);
    }

    private Outcome positive(Sieve sieve, Authority authority) {
        writeChain();
        for (ResourceRecord kept : sieve.kept()) {
            writer.write(kept);
        }
        writeSignatures(chain.last(), question.type());
        int answers = writer.records();
        writeProofs(authority, false);
        return answer(answers, MAX_TTL, sieve.addresses(), authenticated && !sieve.refusedAny());
    }

    private Outcome denial(Authority authority) {
        boolean nothing = message.rcode() == 0 && chain.links().isEmpty();
        if (nothing && authority.isDelegation() && message.isLame()) {
            return new Failed(0, message.hasEdns());
        }
        writeChain();
        int answers = writer.records();
        ResourceRecord soa = authority.soa();
        if (soa != null) {
            writer.write(soa);
        }
        writeProofs(authority, soa != null);
        return answer(answers, negativeTtl(soa), NO_ADDRESSES, authenticated);
    }

    /** RFC 2308 §5. The SOA's own TTL counts where it is written. */
    private int negativeTtl(@Nullable ResourceRecord soa) {
        return soa == null
                ? UNTIMED_TTL
                : Math.clamp(Octets.s32(message.octets(), soa.end() - 4), 0, MAX_TTL);
    }

    /** There was something, and none of it may be told: nothing of the message is. */
    private Answer emptied() {
        boolean rebinding = question.type() == RrType.A || question.type() == RrType.AAAA;
        return new Answer(
                0,
                false,
                0,
                0,
                NO_OCTETS,
                NO_OFFSETS,
                NO_OFFSETS,
                UNTIMED_TTL,
                nowNanos,
                NO_ADDRESSES,
                rebinding ? EDE_BLOCKED : EDE_FILTERED,
                rebinding
                        ? "rebinding: the name has only private or special-purpose addresses"
                        : "the record carries address hints, which cannot be pinned");
    }

    private Outcome answer(int answers, int mostTtl, byte[][] addresses, boolean vouched) {
        if (writer.isBroken()) {
            return new Malformed();
        }
        int ttl = Math.min(writer.leastTtl(), mostTtl);
        return new Accepted(
                new Answer(
                        message.rcode(),
                        vouched,
                        answers,
                        writer.records() - answers,
                        writer.body(ttl),
                        writer.recordEnds(),
                        writer.ttlOffsets(),
                        ttl,
                        nowNanos,
                        addresses,
                        Answer.NO_EXTENDED_ERROR,
                        ""));
    }

    private void writeChain() {
        for (int i = 0; i < chain.links().size(); i++) {
            ResourceRecord link = chain.links().get(i);
            writeRedirection(link.owner());
            writer.writeLink(link, i);
            writeSignatures(link.owner(), RrType.CNAME);
        }
    }

    /**
     * The signed DNAME that a CNAME was made from (RFC 6672 §5.3.1): only a validator has a use for
     * it.
     */
    private void writeRedirection(byte[] name) {
        for (int i = 0; question.dnssec() && i < message.answers(); i++) {
            ResourceRecord candidate = message.record(i);
            if (candidate.type() == RrType.DNAME
                    && candidate.isInternet()
                    && candidate.owner().length < name.length
                    && Names.isAtOrBelow(name, candidate.owner())) {
                writer.write(candidate);
                writeSignatures(candidate.owner(), RrType.DNAME);
                return;
            }
        }
    }

    private void writeSignatures(byte[] owner, int covered) {
        for (int i = 0; question.dnssec() && i < message.answers(); i++) {
            ResourceRecord candidate = message.record(i);
            if (candidate.type() == RrType.RRSIG
                    && candidate.isInternet()
                    && Octets.u16(message.octets(), candidate.at()) == covered
                    && Arrays.equals(candidate.owner(), owner)) {
                writer.write(candidate);
            }
        }
    }

    private void writeProofs(Authority authority, boolean withSoa) {
        if (question.dnssec()) {
            for (ResourceRecord proof : authority.proofs(withSoa)) {
                writer.write(proof);
            }
        }
    }
}
