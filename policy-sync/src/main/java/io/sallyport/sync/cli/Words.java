package io.sallyport.sync.cli;

/** Words that options take, and words that terminals get. */
final class Words {
    private Words() {}

    static boolean onOrOff(String option, String text) {
        return switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(option + ": write on or off");
        };
    }

    /** Without what a terminal would obey: control characters, and those that turn text around. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().map(c -> c != '\n' && obeyed(c) ? '?' : c).forEach(out::appendCodePoint);
        return out.toString();
    }

    private static boolean obeyed(int c) {
        return Character.isISOControl(c)
                || Character.getType(c) == Character.FORMAT
                || Character.getType(c) == Character.SURROGATE;
    }
}
