package io.sallyport.resolver.query;

/** Bits of the second word of the header, RFC 1035 §4.1.1 and RFC 4035 §3. */
final class Flags {
    static final int QR = 0x8000;
    static final int RD = 0x0100;
    static final int AD = 0x0020;
    static final int CD = 0x0010;
    static final int RCODE = 0x000f;

    private Flags() {}
}
