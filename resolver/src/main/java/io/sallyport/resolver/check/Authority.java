package io.sallyport.resolver.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the authority section says about this answer and nothing else: the SOA that times a denial
 * (RFC 2308 §5), and the signed proofs that go with it if they were asked for.
 */
final class Authority {
    /** A denial needs 3 NSEC3 and their signatures, twice that while keys roll. */
    private static final int MAX_SIGNATURES = 32;

    private static final int SIGNER = 18; // RFC 4034 §3.1: where the signer's name starts

    private final Message message;
    private final Chain chain;
    private final List<ResourceRecord> soas = new ArrayList<>(1);
    private final List<ResourceRecord> signatures = new ArrayList<>(0);
    private boolean delegation;

    private Authority(Message message, Chain chain, boolean dnssec) {
        this.message = message;
        this.chain = chain;
        for (int i = message.answers(); i < message.answersAndAuthorities(); i++) {
            ResourceRecord candidate = message.record(i);
            if (candidate.isInternet()) {
                sort(candidate, dnssec);
            }
        }
    }

    static Authority of(Message message, Chain chain, boolean dnssec) {
        return new Authority(message, chain, dnssec);
    }

    /**
     * The one SOA of a zone that the last name lies in; null if there is none, or more than one.
     */
    @Nullable ResourceRecord soa() {
        return soas.size() == 1 ? soas.getFirst() : null;
    }

    /** Whether it names other servers to ask. */
    boolean isDelegation() {
        return delegation && soas.isEmpty();
    }

    /** NSEC and NSEC3 records with their signatures, and the SOA's if that goes along. */
    List<ResourceRecord> proofs(boolean withSoa) {
        List<ResourceRecord> proofs = new ArrayList<>();
        for (int i = message.answers(); i < message.answersAndAuthorities(); i++) {
            ResourceRecord candidate = message.record(i);
            boolean denial = candidate.type() == RrType.NSEC || candidate.type() == RrType.NSEC3;
            if (denial && candidate.isInternet() && isSigned(candidate)) {
                proofs.add(candidate);
            }
        }
        for (ResourceRecord signature : signatures) {
            if (covered(signature) != RrType.SOA || withSoa) {
                proofs.add(signature);
            }
        }
        return proofs;
    }

    private void sort(ResourceRecord candidate, boolean dnssec) {
        switch (candidate.type()) {
            case RrType.SOA -> {
                if (Names.isAtOrBelow(chain.last(), candidate.owner())) {
                    soas.add(candidate);
                }
            }
            case RrType.NS -> delegation = true;
            case RrType.RRSIG -> {
                if (dnssec && signatures.size() < MAX_SIGNATURES && isInBailiwick(candidate)) {
                    signatures.add(candidate);
                }
            }
            default -> {}
        }
    }

    /** Signed by a zone that a name of the chain lies in, about a name of that zone. */
    private boolean isInBailiwick(ResourceRecord signature) {
        int covered = covered(signature);
        if (covered != RrType.SOA && covered != RrType.NSEC && covered != RrType.NSEC3) {
            return false;
        }
        message.names().read(signature.at() + SIGNER, signature.end());
        byte[] signer = message.names().name();
        return Names.isAtOrBelow(signature.owner(), signer)
                && chain.names().stream().anyMatch(name -> Names.isAtOrBelow(name, signer));
    }

    private boolean isSigned(ResourceRecord denial) {
        for (ResourceRecord signature : signatures) {
            if (covered(signature) == denial.type()
                    && Arrays.equals(signature.owner(), denial.owner())) {
                return true;
            }
        }
        return false;
    }

    private int covered(ResourceRecord signature) {
        return Octets.u16(message.octets(), signature.at());
    }
}
