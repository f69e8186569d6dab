package io.sallyport.resolver.filter;

/** What an address leads to, seen from a sandbox. */
enum Reach {
    /** The Internet. */
    PUBLIC,
    /** Something of the organisation's own, perhaps: only if it is named. */
    PRIVATE,
    /** This machine, its link, a cloud's metadata, everybody (multicast), or nothing. */
    NEVER
}
