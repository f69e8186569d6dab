package io.sallyport.resolver.question;

import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;

/**
 * What is asked of the cache and of an upstream: nothing else of a client's packet goes further.
 * The class is always IN.
 *
 * @param name lower-cased
 * @param type the RR type number
 * @param dnssec the client set DO: RRSIG and NSEC records are wanted
 * @param checkingDisabled the client set CD
 * @param filter which special-purpose addresses the answer may hold; part of the key, because the
 *     cache is shared
 */
public record Question(
        WireName name, int type, boolean dnssec, boolean checkingDisabled, AddressFilter filter) {}
