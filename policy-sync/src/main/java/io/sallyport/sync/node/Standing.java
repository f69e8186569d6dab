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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);

    Standing {
        sandboxInterfaces = List.copyOf(sandboxInterfaces);
    }

    Firewall.Installation installation(DataDirectory data) throws IOException {
        return new Firewall.Installation(
                data.installation(), dns4, dns6, REDIRECTED, PAGE, sandboxInterfaces);
    }

    /** Puts the standing drop on the interfaces that the journal knows, or says why it cannot. */
    static void close(DataDirectory data, Firewall firewall) {
        try {
            firewall.begin();
            firewall.keepClosed(
                    Journal.open(data.journal()).read().entries().stream()
                            .map(Journal.Entry::interfaceName)
                            .distinct()
                            .toList());
        } catch (IOException | RuntimeException e) {
            LOG.error("what the journal knows could not be closed: {}", e.getMessage());
        }
    }

    /**
     * From before the rules are made: what is kept is what they were made from, or nothing is.
     * Written only where it says something else: a full disk keeps no node from starting.
     */
    void keep(Path file) {
        byte[] text = text().getBytes(StandardCharsets.UTF_8);
        try {
            if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), text)) {
                return;
            }
            Files.deleteIfExists(file);
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(
                    fresh,
                    text,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.DSYNC);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("cannot keep {}: {}", file, e.getMessage());
        }
    }

    private String text() {
        return Document.canonical(
                Map.of(
                        "dns4",
                        InetAddresses.toAddrString(dns4),
                        "dns6",
                        InetAddresses.toAddrString(dns6),
                        "format",
                        1,
                        "sandbox_interfaces",
                        sandboxInterfaces));
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
