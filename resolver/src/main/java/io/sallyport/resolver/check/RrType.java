package io.sallyport.resolver.check;

/** The RR type numbers that are treated by name. */
final class RrType {
    static final int A = 1;
    static final int NS = 2;
    static final int CNAME = 5;
    static final int SOA = 6;
    static final int HINFO = 13;
    static final int TXT = 16;
    static final int AAAA = 28;
    static final int NAPTR = 35;
    static final int DNAME = 39;
    static final int OPT = 41;
    static final int RRSIG = 46;
    static final int NSEC = 47;
    static final int NSEC3 = 50;
    static final int SVCB = 64;
    static final int HTTPS = 65;
    static final int SPF = 99;
    static final int CAA = 257;

    private RrType() {}
}
