package io.sallyport.sync.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The servers that are compared. */
enum Peer {
    SALLYPORT("sallyport", "sh", ""),
    REFLECTOR("reflector", "cc", "gcc"),
    UNBOUND("unbound", "unbound", "unbound"),
    DNSDIST("dnsdist", "dnsdist", "dnsdist"),
    RECURSOR("pdns-recursor", "pdns_recursor", "pdns-recursor"),
    KRESD("kresd", "kresd", "knot-resolver"),
    DNSMASQ("dnsmasq", "dnsmasq", "dnsmasq-base"),
    NAMED("named", "named", "bind9");

    /** A million patterns are a million zones to these; the others are given the chance. */
    private static final List<Peer> LONG_LISTS = List.of(SALLYPORT, UNBOUND, DNSDIST, DNSMASQ);

    private final String title;
    private final String program;
    private final String debianPackage;

    Peer(String title, String program, String debianPackage) {
        this.title = title;
        this.program = program;
        this.debianPackage = debianPackage;
    }

    static Peer parse(String title) {
        for (Peer peer : values()) {
            if (peer.title.equals(title)) {
                return peer;
            }
        }
        throw new IllegalArgumentException("--servers: there is no \"" + title + "\" here");
    }

    String title() {
        return title;
    }

    String debianPackage() {
        return debianPackage;
    }

    boolean takesLongLists() {
        return LONG_LISTS.contains(this);
    }

    /** Why it cannot run here; empty if it can. */
    Optional<String> missing() {
        return Lab.program(program).isPresent()
                ? Optional.empty()
                : Optional.of("not installed (package " + debianPackage + ")");
    }

    /**
     * Writes its configuration and returns its command line.
     *
     * @param launcher our own program's
     */
    List<String> prepare(Lab lab, Site site, Path launcher) throws IOException {
        String directory = site.directory().toString();
        String program = Lab.program(this.program).map(Path::toString).orElse(this.program);
        return switch (this) {
            case SALLYPORT -> sallyport(site, launcher);
            case REFLECTOR ->
                    List.of(
                            lab.compile("reflector").toString(),
                            site.address(),
                            Integer.toString(site.port()));
            case UNBOUND -> List.of(program, "-d", "-c", site.render("unbound.conf").toString());
            case DNSDIST -> {
                site.render("domains");
                String file = site.render("dnsdist.conf").toString();
                yield List.of(program, "--supervised", "--disable-syslog", "-C", file);
            }
            case RECURSOR -> {
                site.render("recursor.conf");
                site.render("forward-zones");
                site.render("empty.zone");
                yield List.of(program, "--daemon=no", "--config-dir=" + directory);
            }
            case KRESD -> {
                Path cache = Files.createDirectories(site.directory().resolve("kresd"));
                String file = site.render("kresd.conf").toString();
                yield List.of(program, "-n", "-q", "-c", file, cache.toString());
            }
            case DNSMASQ -> List.of(program, "--conf-file=" + site.render("dnsmasq.conf"));
            case NAMED -> {
                site.render("policy.zone");
                yield List.of(program, "-f", "-n", "1", "-c", site.render("named.conf").toString());
            }
        };
    }

    private static List<String> sallyport(Site site, Path launcher) throws IOException {
        return List.of(
                launcher.toString(),
                "resolver",
                "--listen",
                site.address() + ":" + site.port(),
                "--upstream",
                Site.UPSTREAM + ":" + site.upstreamPort(),
                "--allow",
                "@" + site.render("allow"),
                "--threads",
                "1");
    }
}
