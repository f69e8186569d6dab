package io.sallyport.resolver.network;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import java.util.List;

/**
 * Which network a client's address belongs to, and what holds for it: exact addresses and longest prefix, v4 and v6.
 * Readers see one immutable table behind one volatile field.
 */
public final class Networks {

    /**
     * @param id the network's name in reports
     * @param addresses the client addresses
     * @param policy what it may resolve; {@link Policy#PENDING} denies everything
     * @param pinner opens what was answered; belongs to this binding only
     */
    public record Network(String id, List<Cidr> addresses, Policy policy, Pinner pinner) {
        public Network {
            addresses = List.copyOf(addresses);
        }
    }

    /** A name that a network was denied. Seconds since the epoch. */
    public record DeniedName(String name, Policy.Reason reason, long count, long firstSeen, long lastSeen) {}

    /**
     * Adds the network, or replaces the one with its id.
     *
     * @throws IllegalArgumentException if another network has one of its addresses
     */
    public void put(Network network) {
        throw new UnsupportedOperationException();
    }

    /** Takes a network away; its clients are strangers from now on. Does nothing if there is none. */
    public void remove(String id) {
        throw new UnsupportedOperationException();
    }

    /** What this network was denied since it was put, most frequent first; bounded, the rest counted as "(other names)". */
    public List<DeniedName> denied(String id) {
        throw new UnsupportedOperationException();
    }
}
