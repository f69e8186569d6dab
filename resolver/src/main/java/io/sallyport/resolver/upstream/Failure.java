package io.sallyport.resolver.upstream;

/** Why there is no answer, as an extended error (RFC 8914). */
enum Failure {
    SILENT(22, "no upstream answered in time"),
    REFUSED(22, "the upstreams could not resolve the name"),
    UNREACHABLE(23, "no upstream could be reached"),
    MALFORMED(24, "the upstreams sent a malformed answer");

    final int extendedError;
    final String text;

    Failure(int extendedError, String text) {
        this.extendedError = extendedError;
        this.text = text;
    }
}
