package io.sallyport.sync.gate;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What the JDK says of a name, in a process of its own: its addresses, a line each, or one word.
 */
final class JdkLookup {
    private JdkLookup() {}

    public static void main(String... arguments) {
        String family = arguments[1];
        try {
            InetAddress[] found = InetAddress.getAllByName(arguments[0]);
            String[] wanted =
                    Arrays.stream(found)
                            .filter(address ->
                                    family.equals("any")
                                            || family.equals("4")
                                                    == address instanceof Inet4Address)
                            .map(InetAddress::getHostAddress)
                            .toArray(String[]::new);
            System.out.println(wanted.length == 0 ? "no-data" : String.join("\n", wanted));
        } catch (UnknownHostException e) {
            boolean later = String.valueOf(e.getMessage()).contains("emporary");
            System.out.println(later ? "later" : "not-found");
        }
    }
}
