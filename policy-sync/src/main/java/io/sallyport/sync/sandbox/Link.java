package io.sallyport.sync.sandbox;

import com.google.common.base.Splitter;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.host.Host;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The link between host and sandbox: its number, from which every name and address follows. The
 * resolver listens on the host's end, so that several runs never share an address.
 *
 * @param number 0 to 16,383
 */
record Link(int number) {
    /** Where the resolver answers queries that were sent to other servers. */
    static final int REDIRECTED = 1053;

    /** Where the page is served that sandboxes ask for at port 80. */
    static final int PAGE = 1054;

    /** Blocks of four addresses in 10.253.0.0/16. */
    private static final int LINKS = 1 << 14;

    private static final int TRIES = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A link whose interface and block are free on this host. */
    static Link free() throws IOException {
        for (int i = 0; i < TRIES; i++) {
            Link link = new Link(RANDOM.nextInt(LINKS));
            if (!Host.hasInterface(link.interfaceName()) && link.blockIsFree()) {
                return link;
            }
        }
        throw new IOException(
                "the host has routes to 10.253.0.0/16, which run uses for its sandboxes;"
                        + " use session start with an interface and addresses of your own");
    }

    String interfaceName() {
        return "spr" + number;
    }

    /** Names the run's chains and sets. */
    String installation() {
        return "r" + Integer.toString(number, 36);
    }

    Inet4Address host4() {
        return (Inet4Address) InetAddress.ofLiteral(address4(1));
    }

    Inet6Address host6() {
        return (Inet6Address) InetAddress.ofLiteral(address6(1));
    }

    List<Cidr> sandboxAddresses() {
        return List.of(Cidr.parse(address4(2)), Cidr.parse(address6(2)));
    }

    /**
     * Makes the pair, one end in the namespace of {@code pid}, and routes everything through it.
     */
    void lay(UndoLog log, long pid) throws IOException {
        log.note("interface", interfaceName());
        Host.ip(
                "link",
                "add",
                interfaceName(),
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                Long.toString(pid));
        Host.addAddress(interfaceName(), host4(), 30);
        Host.addAddress(interfaceName(), host6(), 64);
        forward(log);
        Host.ip("link", "set", interfaceName(), "up");
        inside(pid, "link", "set", "lo", "up");
        inside(pid, "address", "add", address4(2) + "/30", "dev", "eth0");
        inside(pid, "address", "add", address6(2) + "/64", "dev", "eth0", "nodad");
        inside(pid, "link", "set", "eth0", "up");
        inside(pid, "route", "add", "default", "via", address4(1));
        inside(pid, "-6", "route", "add", "default", "via", address6(1));
    }

    private static void inside(long pid, String... arguments) throws IOException {
        Host.ipInside(pid, arguments);
    }

    private boolean blockIsFree() throws IOException {
        String block = address4(0) + "/30";
        if (!Host.ip("-4", "route", "show", "root", block).isBlank()) {
            return false;
        }
        return Host.ip("-4", "route", "show", "match", block)
                .lines()
                .allMatch(route -> route.startsWith("default") || route.isBlank());
    }

    /**
     * Forwarding on this link and on the ways out, nowhere else, and back to what it was
     * afterwards.
     */
    private void forward(UndoLog log) throws IOException {
        Set<String> interfaces = new LinkedHashSet<>(List.of(interfaceName()));
        interfaces.addAll(waysOut());
        for (String name : interfaces) {
            log.change("net/ipv4/conf/" + name + "/forwarding", "1");
        }
        for (String name : interfaces) {
            String key = "net/ipv6/conf/" + name + "/force_forwarding";
            if (Host.hasSetting(key)) {
                log.change(key, "1");
            }
        }
        if (!Host.hasSetting("net/ipv6/conf/" + interfaceName() + "/force_forwarding")
                && Host.hasSetting("net/ipv6/conf/all/forwarding")
                && Host.setting("net/ipv6/conf/all/forwarding").equals("0")) {
            forwardIpv6Everywhere(log, waysOut());
        }
    }

    /**
     * Older kernels forward IPv6 everywhere or nowhere; a host that forwards ignores routers unless
     * told otherwise.
     */
    private static void forwardIpv6Everywhere(UndoLog log, Set<String> waysOut) throws IOException {
        for (String name : waysOut) {
            if (Host.setting("net/ipv6/conf/" + name + "/accept_ra").equals("1")) {
                log.change("net/ipv6/conf/" + name + "/accept_ra", "2");
            }
        }
        log.change("net/ipv6/conf/all/forwarding", "1");
    }

    private static Set<String> waysOut() throws IOException {
        Set<String> interfaces = new LinkedHashSet<>();
        for (String family : List.of("-4", "-6")) {
            for (String route : Host.ip(family, "route", "show", "default").lines().toList()) {
                List<String> words = new ArrayList<>(Splitter.on(' ').splitToList(route));
                int at = words.indexOf("dev");
                if (at >= 0 && at + 1 < words.size()) {
                    interfaces.add(words.get(at + 1));
                }
            }
        }
        return interfaces;
    }

    private String address4(int host) {
        return "10.253." + (number >> 6) + "." + ((number & 63) * 4 + host);
    }

    private String address6(int host) {
        return "fd00:53:0:" + Integer.toHexString(number) + "::" + host;
    }
}
