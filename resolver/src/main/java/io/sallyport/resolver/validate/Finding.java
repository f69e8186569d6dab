package io.sallyport.resolver.validate;

import io.sallyport.resolver.answer.Answer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.dnssec.ValidatingResolver;

/** What the validator came to. Whatever it does not say clearly is a failure. */
sealed interface Finding {

    /**
     * @param rcode that was proven: a denial of the type where the message denied the name
     */
    record Secure(int rcode) implements Finding {}

    /** Proven to be unsigned. */
    record Insecure() implements Finding {}

    record Failed(Answer failure) implements Finding {}

    int INDETERMINATE = 5; // RFC 8914 §4.6
    int BOGUS = 6; // RFC 8914 §4.7

    static Finding of(Validation validation, @Nullable Message message, @Nullable Throwable fault) {
        Answer broken = validation.broken();
        if (broken != null) {
            return new Failed(broken);
        }
        if (message == null || fault != null) {
            return failed(INDETERMINATE);
        }
        if (message.getRcode() != Rcode.NOERROR && message.getRcode() != Rcode.NXDOMAIN) {
            int told = extendedError(message);
            int timing = validation.toll.timing();
            return failed(told == BOGUS && timing > 0 ? timing : told);
        }
        if (message.getHeader().getFlag(Flags.AD)) {
            return new Secure(message.getRcode());
        }
        return saysWhy(message) ? new Insecure() : failed(INDETERMINATE);
    }

    /**
     * A validation that was broken off inside of dnsjava looks like an insecure one, but for the
     * reason that goes with each of those.
     */
    private static boolean saysWhy(Message message) {
        return message.getSection(Section.ADDITIONAL).stream()
                .anyMatch(each -> each.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS);
    }

    private static int extendedError(Message message) {
        OPTRecord opt = message.getOPT();
        List<EDNSOption> errors =
                opt == null ? List.of() : opt.getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR);
        for (EDNSOption error : errors) {
            int code = ((ExtendedErrorCodeOption) error).getErrorCode();
            if (code >= INDETERMINATE && code <= ExtendedErrorCodeOption.NSEC_MISSING) {
                return code;
            }
        }
        return BOGUS;
    }

    private static Finding failed(int extendedError) {
        String text =
                switch (extendedError) {
                    case INDETERMINATE -> "DNSSEC: neither proven to be signed nor to be unsigned";
                    case ExtendedErrorCodeOption.SIGNATURE_EXPIRED ->
                            "DNSSEC: the signature has expired";
                    case ExtendedErrorCodeOption.SIGNATURE_NOT_YET_VALID ->
                            "DNSSEC: the signature is not yet valid";
                    case ExtendedErrorCodeOption.DNSKEY_MISSING ->
                            "DNSSEC: the zone has no key that its parent names";
                    case ExtendedErrorCodeOption.RRSIGS_MISSING ->
                            "DNSSEC: a signed zone's answer has no signature";
                    case ExtendedErrorCodeOption.NO_ZONE_KEY_BIT_SET ->
                            "DNSSEC: the key is none of a zone";
                    case ExtendedErrorCodeOption.NSEC_MISSING -> "DNSSEC: the denial is not proven";
                    default -> "DNSSEC: the answer does not fit its signature";
                };
        return new Failed(Answer.serverFailure(extendedError, text, System.nanoTime()));
    }
}
