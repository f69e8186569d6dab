package io.sallyport.resolver.check;

/**
 * One record of a message.
 *
 * @param owner lower-cased and decompressed
 * @param ttl seconds, 0 if its most significant bit was set (RFC 2181 §8)
 * @param at where the rdata starts in the message
 * @param length of the rdata
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record ResourceRecord(byte[] owner, int type, int rrClass, int ttl, int at, int length) {
    private static final int IN = 1;

    boolean isInternet() {
        return rrClass == IN;
    }

    int end() {
        return at + length;
    }
}
