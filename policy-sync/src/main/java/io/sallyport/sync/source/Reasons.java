package io.sallyport.sync.source;

import io.sallyport.sync.source.PolicySource.Refused;

/** The sentences of refusals, the same whatever the source. */
final class Reasons {
    private Reasons() {}

    static Refused refused(Exception cause) {
        Refused refused = new Refused(String.valueOf(cause.getMessage()));
        refused.initCause(cause);
        return refused;
    }

    static Refused unmapped(String org, String namespace) {
        return new Refused(
                "pods of namespace "
                        + namespace
                        + " may not name org "
                        + org
                        + "; a platform admin allows it with: sallyport namespace map "
                        + namespace
                        + " "
                        + org);
    }

    static Refused codeExecutionOff(String org, String agent) {
        return new Refused(
                "agent "
                        + agent
                        + " of org "
                        + org
                        + " has code execution off, so it gets no session; an admin can turn it on");
    }
}
