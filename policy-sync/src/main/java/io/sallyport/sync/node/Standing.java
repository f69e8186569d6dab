package io.sallyport.sync.node;

import com.google.common.net.InetAddresses;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.journal.Journal;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What of a node's rules holds without any session. Kept for a start at which the node is told
 * nonsense: rules made from anything else could open what is closed.
 *
 * @param dns4 the resolver's own address
 * @param dns6 likewise, IPv6
 * @param sandboxInterfaces names or patterns that are never open without a session
 */
record Standing(Inet4Address dns4, Inet6Address dns6, List<String> sandboxInterfaces) {
    /**
     * Queries that were sent to other servers arrive here: port 53 itself skips connection
     * tracking.
     */
    static final int REDIRECTED = 1053;

    /**
     * The page that says why, which sandboxes ask for at port 80: that one may be a server's of the
     * host.
     */
    static final int PAGE = 1054;

    Standing {
        sandboxInterfaces = List.copyOf(sandboxInterfaces);
    }

    Firewall.Installation installation(DataDirectory data) throws IOException {
        return new Firewall.Installation(
                data.installation(), dns4, dns6, REDIRECTED, PAGE, sandboxInterfaces);
    }

    /**
     * Puts the standing drop on the interfaces that the journal knows.
     *
     * @param cause gets what was in the way as suppressed
     */
    static void close(DataDirectory data, Firewall firewall, Exception cause) {
        try {
            firewall.begin();
            firewall.keepClosed(
                    Journal.open(data.journal()).read().entries().stream()
                            .map(Journal.Entry::interfaceName)
                            .distinct()
                            .toList());
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Written only where it says something else: a full disk keeps no node from starting. */
    void keep(Path file) throws IOException {
        String text =
                Document.canonical(
                        Map.of(
                                "dns4",
                                InetAddresses.toAddrString(dns4),
                                "dns6",
                                InetAddresses.toAddrString(dns6),
                                "format",
                                1,
                                "sandbox_interfaces",
                                sandboxInterfaces));
        if (Files.exists(file) && Files.readString(file).equals(text)) {
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(
                fresh,
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.DSYNC);
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * @return empty if there was none
     * @throws IllegalArgumentException if it is damaged
     */
    static Optional<Standing> read(Path file) throws IOException {
        try {
            Document.Fields fields = Document.json(Files.readString(file)).fields();
            return Optional.of(
                    new Standing(
                            fields.required("dns4").textAs(NodeFile::dns4),
                            fields.required("dns6").textAs(NodeFile::dns6),
                            fields.list(
                                    "sandbox_interfaces",
                                    each -> each.textAs(NodeFile::interfacePattern))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
