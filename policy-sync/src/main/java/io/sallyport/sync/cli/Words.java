package io.sallyport.sync.cli;

/** Words that options take. */
final class Words {
    private Words() {}

    static boolean onOrOff(String option, String text) {
        return switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(option + ": write on or off");
        };
    }
}
