package io.sallyport.resolver.check;

import io.sallyport.resolver.question.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The way from the question's name over CNAMEs to the name that owns the answer, in order whatever
 * order the records came in. What does not lie on it is no part of the answer.
 */
final class Chain {
    /** Content networks need 3 to 5; BIND and Unbound stop at 11. */
    static final int MAX_LINKS = 16;

    enum State {
        COMPLETE,
        /** Comes back to a name, or does not end in time. */
        ENDLESS,
        /** One name with two CNAMEs (RFC 2181 §10.1). */
        CONTRADICTORY
    }

    private final Message message;
    private final List<ResourceRecord> links = new ArrayList<>(4);
    private final List<byte[]> names = new ArrayList<>(5);
    private final State state;

    private Chain(Message message, Question question) {
        this.message = message;
        names.add(question.name().octets());
        this.state = question.type() == RrType.CNAME ? stay() : follow();
    }

    static Chain of(Message message, Question question) {
        return new Chain(message, question);
    }

    State state() {
        return state;
    }

    /** The CNAMEs: link {@code i} leads from name {@code i} to name {@code i + 1}. */
    List<ResourceRecord> links() {
        return links;
    }

    List<byte[]> names() {
        return names;
    }

    /** The name that owns the answer. */
    byte[] last() {
        return names.getLast();
    }

    boolean passes(byte[] name) {
        for (byte[] known : names) {
            if (Arrays.equals(known, name)) {
                return true;
            }
        }
        return false;
    }

    /** The alias itself is wanted; there may be one only. */
    private State stay() {
        int aliases = 0;
        for (int i = 0; i < message.answers(); i++) {
            ResourceRecord candidate = message.record(i);
            if (isCname(candidate) && Arrays.equals(candidate.owner(), last())) {
                aliases++;
            }
        }
        return aliases > 1 ? State.CONTRADICTORY : State.COMPLETE;
    }

    private State follow() {
        while (true) {
            ResourceRecord link = null;
            for (int i = 0; i < message.answers(); i++) {
                ResourceRecord candidate = message.record(i);
                if (isCname(candidate) && Arrays.equals(candidate.owner(), last())) {
                    if (link != null) {
                        return State.CONTRADICTORY;
                    }
                    link = candidate;
                }
            }
            if (link == null) {
                return State.COMPLETE;
            }
            message.names().read(link.at(), link.end());
            byte[] target = message.names().name();
            if (links.size() == MAX_LINKS || passes(target)) {
                return State.ENDLESS;
            }
            links.add(link);
            names.add(target);
        }
    }

    private static boolean isCname(ResourceRecord candidate) {
        return candidate.type() == RrType.CNAME && candidate.isInternet();
    }
}
