package io.sallyport.sync.world;

import java.util.List;

/**
 * One of many names of the internet, with an address of each family that no other name has.
 *
 * @param name without the last dot
 */
public record Site(String name, String address4, String address6) {
    /** How many there are of each org. */
    public static final int MANY = 200;

    /** Short, so that a name that is asked for again and again is asked of the upstream again. */
    public static final int TTL = 5;

    private static final List<String> ORGS = List.of("red", "blue");

    /**
     * @param org {@code red} or {@code blue}; its names are those below {@code ORG.example.com}
     * @param number from 1 to {@link #MANY}
     */
    public static Site of(String org, int number) {
        int block = ORGS.indexOf(org) + 1;
        return new Site(
                "n" + number + "." + org + ".example.com",
                "93.184." + (218 + block) + "." + number,
                "2600:1f18:5:" + block + "::" + Integer.toHexString(number));
    }
}
