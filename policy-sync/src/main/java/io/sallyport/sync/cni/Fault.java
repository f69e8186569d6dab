package io.sallyport.sync.cni;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A call that fails, as CNI's section 5 wants it told. */
final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    /** Below 100 the specification's, from there on ours. */
    enum Code {
        INCOMPATIBLE(1),
        ENVIRONMENT(4),
        INTERNAL(5),
        UNDECODABLE(6),
        INVALID(7),
        TRY_AGAIN(11),
        UNAVAILABLE(50),
        /** By policy: the same will be said again until somebody changes it. */
        REFUSED(101),
        /** What CHECK found. */
        NOT_IN_FORCE(102);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        boolean mayPass() {
            return this == TRY_AGAIN || this == UNAVAILABLE;
        }
    }

    private final Code code;

    Fault(Code code, String message) {
        super(message);
        this.code = code;
    }

    Fault(Code code, Exception cause) {
        super(String.valueOf(cause.getMessage()), cause);
        this.code = code;
    }

    Code code() {
        return code;
    }

    ObjectNode document(String version) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("cniVersion", version)
                .put("code", code.number)
                .put("msg", String.valueOf(getMessage()));
    }
}
