package io.sallyport.sync.world;

import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A real name server, nsd, with a small root zone and one zone beside it. */
final class Upstream implements AutoCloseable {
    private static final String ROOT =
            """
            $ORIGIN .
            $TTL 300
            .                            SOA   a.root. hostmaster.root. 1 1800 900 604800 60
            .                            NS    a.root.
            a.root.                      A     198.41.0.4
            a.root.                      AAAA  2001:503:ba3e::2:30

            example.com.                 A     93.184.216.34
            example.com.                 AAAA  2600:1f18:1::34
            example.com.                 MX    10 mail.example.com.
            example.com.                 TXT   "plain text"
            www.example.com.             A     93.184.216.35
            www.example.com.             AAAA  2600:1f18:1::35
            www.example.com.             HTTPS 1 . alpn=h2 ipv4hint=93.184.216.99 ipv6hint=2600:1f18:1::99
            api.example.com.             A     93.184.216.36
            api.example.com.             AAAA  2600:1f18:1::36
            shared.example.com.          A     93.184.216.36
            v4only.example.com.          A     93.184.216.37
            v6only.example.com.          AAAA  2600:1f18:1::38
            short.example.com.           1 A   93.184.216.39
            *.wild.example.com.          A     93.184.216.40
            *.wild.example.com.          AAAA  2600:1f18:1::40
            txt.example.com.             TXT   "first" "second"
            cdn.example.com.             CNAME edge.cdn-provider.net.
            edge.cdn-provider.net.       CNAME pop7.cdn-provider.net.
            pop7.cdn-provider.net.       A     151.101.1.6
            pop7.cdn-provider.net.       AAAA  2600:1f18:2::6
            other.cdn-provider.net.      A     151.101.1.6
            partial.example.com.         CNAME target.elsewhere.org.
            loop-a.example.com.          CNAME loop-b.example.com.
            loop-b.example.com.          CNAME loop-a.example.com.
            *.crooked.example.com.       A     93.184.216.41
            db.internal.example.com.     A     10.9.8.7

            private.rebind.example.com.  A     10.0.0.5
            private6.rebind.example.com. AAAA  fd12:3456::5
            metadata.rebind.example.com. A     169.254.169.254
            metadata.rebind.example.com. AAAA  fd00:ec2::254
            loopback.rebind.example.com. A     127.0.0.1
            loopback.rebind.example.com. AAAA  ::1
            zero.rebind.example.com.     A     0.0.0.0
            cgnat.rebind.example.com.    A     100.64.0.1
            multicast.rebind.example.com. A    224.0.0.251
            mapped.rebind.example.com.   AAAA  ::ffff:10.0.0.5
            sixtofour.rebind.example.com. AAAA 2002:a00:5::1
            nat64.rebind.example.com.    AAAA  64:ff9b::a00:5
            mixed.rebind.example.com.    A     93.184.216.42
            mixed.rebind.example.com.    A     10.0.0.6

            notexample.com.              A     93.184.217.1
            example.com.evil.org.        A     93.184.217.2
            denied.example.org.          A     93.184.217.3
            denied.example.org.          AAAA  2600:1f18:3::3
            denied.example.org.          TXT   "the way out"
            denied.example.org.          HTTPS 1 . ipv4hint=93.184.217.3
            *.denied.example.org.        A     93.184.217.5
            *.denied.example.org.        TXT   "tunnelled"
            example.org.                 A     93.184.217.6
            denied.test.                 A     93.184.217.4
            github.com.                  A     140.82.112.3
            api.github.com.              A     140.82.112.6
            dns.google.                  A     8.8.8.8
            dns.google.                  AAAA  2001:4860:4860::8888
            """;

    private static final String ELSEWHERE =
            """
            $ORIGIN elsewhere.org.
            $TTL 300
            @      SOA a.root. hostmaster.root. 1 1800 900 604800 60
            @      NS  a.root.
            target A   151.101.65.7
            """;

    private final Netns netns;
    private final Path directory;
    private Process nsd;

    private Upstream(Netns netns, Path directory, Process nsd) {
        this.netns = netns;
        this.directory = directory;
        this.nsd = nsd;
    }

    static Upstream start(Netns netns, Path directory) {
        try {
            Files.writeString(directory.resolve("nsd.conf"), configuration(directory));
            Files.writeString(directory.resolve("root.zone"), ROOT + big() + chain() + many());
            Files.writeString(directory.resolve("elsewhere.zone"), ELSEWHERE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Upstream(netns, directory, nsd(netns, directory));
    }

    private static String configuration(Path directory) {
        return """
        server:
          server-count: 1
          ip-address: %1$s
          ip-address: %2$s
          ip-freebind: yes
          username: ""
          zonesdir: "%3$s"
          database: ""
          zonelistfile: "%3$s/zone.list"
          xfrdfile: ""
          pidfile: "%3$s/nsd.pid"
          logfile: "%3$s/nsd.log"
          rrl-ratelimit: 0
        remote-control:
          control-enable: no
        zone:
          name: "."
          zonefile: "root.zone"
        zone:
          name: "elsewhere.org"
          zonefile: "elsewhere.zone"
        """
                .formatted(World.UPSTREAM4, World.UPSTREAM6, directory);
    }

    /** One name with sixty addresses: more than a plain UDP answer holds. */
    private static String big() {
        return IntStream.rangeClosed(1, 60)
                .mapToObj(i -> "big.example.com. A 93.184.218." + i + "\n")
                .collect(Collectors.joining());
    }

    /** link1.chain leads to link20.chain, which has an address. */
    private static String chain() {
        return IntStream.range(1, 20)
                .mapToObj(i ->
                        "link"
                                + i
                                + ".chain.example.com. CNAME link"
                                + (i + 1)
                                + ".chain.example.com.\n")
                .collect(Collectors.joining("", "", "link20.chain.example.com. A 93.184.216.43\n"));
    }

    /** Names with addresses that no other name has, for sandboxes that share nothing. */
    private static String many() {
        return Stream.of("red", "blue")
                .flatMap(org -> IntStream.rangeClosed(1, Site.MANY).mapToObj(i -> Site.of(org, i)))
                .map(site ->
                        "%1$s. %2$d A %3$s\n%1$s. %2$d AAAA %4$s\n"
                                .formatted(site.name(), Site.TTL, site.address4(), site.address6()))
                .collect(Collectors.joining());
    }

    private static Process nsd(Netns netns, Path directory) {
        return netns.start("nsd", "-d", "-c", directory.resolve("nsd.conf").toString());
    }

    void restart() {
        close();
        nsd = nsd(netns, directory);
    }

    String log() {
        try {
            return Files.readString(directory.resolve("nsd.log"));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() {
        // The parent takes its children with it on SIGTERM only.
        nsd.destroy();
        try {
            if (!nsd.waitFor(20, TimeUnit.SECONDS)) {
                nsd.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
