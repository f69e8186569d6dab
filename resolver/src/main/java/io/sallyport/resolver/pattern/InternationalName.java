package io.sallyport.resolver.pattern;

import com.ibm.icu.text.IDNA;
import com.ibm.icu.text.IDNA.Info;

/**
 * U-labels to A-labels by UTS #46, non-transitional, so that {@code ß} stays itself. A class of its
 * own, because its tables cost time to load and most lists never need them.
 */
final class InternationalName {
    private static final IDNA UTS_46 =
            IDNA.getUTS46Instance(
                    IDNA.NONTRANSITIONAL_TO_ASCII
                            | IDNA.NONTRANSITIONAL_TO_UNICODE
                            | IDNA.USE_STD3_RULES
                            | IDNA.CHECK_BIDI
                            | IDNA.CHECK_CONTEXTJ);

    private InternationalName() {}

    /**
     * Label by label, so that an ASCII label such as {@code _dmarc}, which STD3 refuses, may stand
     * beside others.
     */
    static String toAscii(String name, String text) {
        String dotted = name.replace('\u3002', '.').replace('\uff0e', '.').replace('\uff61', '.');
        StringBuilder ascii = new StringBuilder(dotted.length() + 8);
        for (String label : dotted.split("\\.", -1)) {
            ascii.append(ascii.isEmpty() ? "" : ".").append(label(label, text));
        }
        return ascii.toString();
    }

    private static String label(String label, String text) {
        if (label.startsWith("_") && label.chars().allMatch(c -> c < 0x80)) {
            return label;
        }
        Info info = new Info();
        StringBuilder out = UTS_46.labelToASCII(label, new StringBuilder(), info);
        if (info.hasErrors()) {
            throw new IllegalArgumentException(
                    PatternText.show(text)
                            + " has the label "
                            + PatternText.show(label)
                            + ", which is no valid international name ("
                            + reason(info)
                            + "); copy the name as a browser shows it");
        }
        return out.toString();
    }

    private static String reason(Info info) {
        return info.getErrors()
                .iterator()
                .next()
                .name()
                .toLowerCase(java.util.Locale.ROOT)
                .replace('_', ' ');
    }
}
