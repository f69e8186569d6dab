package io.sallyport.resolver.validate;

import io.sallyport.resolver.hash.SipHash;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Who holds the places of a validator: no registrable domain holds more than its share. */
final class Shares {
    /** A sixteenth of all; at 100 ms each, 320 new names a second below one domain. */
    static final int MAX_A_DOMAIN = 32;

    private final SipHash hash;

    /** By the keyed hash of the domain; empty ones are taken out, so that places bound it. */
    private final ConcurrentMap<Long, Integer> held = new ConcurrentHashMap<>();

    Shares() {
        SecureRandom random = new SecureRandom();
        hash = new SipHash(random.nextLong(), random.nextLong());
    }

    /** Takes a place; false if its domain has its share already. */
    boolean enter(WireName name) {
        boolean[] entered = {false};
        held.compute(
                domain(name),
                (domain, places) -> {
                    int before = places == null ? 0 : places;
                    entered[0] = before < MAX_A_DOMAIN;
                    return entered[0] ? (Integer) (before + 1) : places;
                });
        return entered[0];
    }

    /** Gives the place back that {@link #enter} took. */
    void leave(WireName name) {
        held.computeIfPresent(
                domain(name), (domain, places) -> places == 1 ? null : (Integer) (places - 1));
    }

    private long domain(WireName name) {
        byte[] octets = name.octets();
        int length = DomainPattern.registrable(octets, octets.length);
        return hash.mac(octets, octets.length - length, length);
    }
}
