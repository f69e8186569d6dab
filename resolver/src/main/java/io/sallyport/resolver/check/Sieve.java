package io.sallyport.resolver.check;

import io.sallyport.resolver.question.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps of the chain's last name the records that were asked for and may be told: no address
 * outside the filter, no service binding with addresses or keys of its own, and no more addresses
 * than can be pinned.
 */
final class Sieve {
    /**
     * Each is a pin in the kernel before the answer leaves; the largest honest pools have a few
     * dozen.
     */
    static final int MAX_ADDRESSES = 64;

    private final List<ResourceRecord> kept = new ArrayList<>(4);
    private final List<byte[]> addresses = new ArrayList<>(4);
    private int refused;

    private Sieve() {}

    static Sieve of(Message message, Chain chain, Question question) {
        Sieve sieve = new Sieve();
        for (int i = 0; i < message.answers(); i++) {
            ResourceRecord candidate = message.record(i);
            if (candidate.type() == question.type()
                    && candidate.isInternet()
                    && Arrays.equals(candidate.owner(), chain.last())) {
                sieve.judge(candidate, message.octets(), question);
            }
        }
        return sieve;
    }

    List<ResourceRecord> kept() {
        return kept;
    }

    byte[][] addresses() {
        return addresses.toArray(byte[][]::new);
    }

    /** Whether something was there that may not be told: what is left is not the set any more. */
    boolean refusedAny() {
        return refused > 0;
    }

    /** Whether there was something, and none of it may be told. */
    boolean refusedAll() {
        return kept.isEmpty() && refused > 0;
    }

    private void judge(ResourceRecord candidate, byte[] octets, Question question) {
        boolean permitted =
                question.filter().whole()
                        || switch (candidate.type()) {
                            case RrType.A, RrType.AAAA -> keepAddress(candidate, octets, question);
                            case RrType.SVCB, RrType.HTTPS ->
                                    !ServiceBinding.hasHints(
                                            octets, candidate.at(), candidate.end());
                            default -> true;
                        };
        if (permitted) {
            kept.add(candidate);
        } else {
            refused++;
        }
    }

    private boolean keepAddress(ResourceRecord candidate, byte[] octets, Question question) {
        byte[] address = Arrays.copyOfRange(octets, candidate.at(), candidate.end());
        if (addresses.size() == MAX_ADDRESSES || !question.filter().permits(address)) {
            return false;
        }
        addresses.add(address);
        return true;
    }
}
