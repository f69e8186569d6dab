package io.sallyport.sync.sandbox;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the weaker mode needs: a loopback address of its own for the resolver, and a directory.
 *
 * @param address where the resolver listens; port 53, because resolv.conf cannot name another
 * @param directory for the pipe by which the command is let go
 */
record DnsOnly(InetSocketAddress address, Path directory) implements AutoCloseable {
    private static final int DNS = 53;
    private static final int TRIES = 250;

    /**
     * @throws IOException if no loopback address has a port 53 for us
     */
    static DnsOnly prepare() throws IOException {
        for (int i = 1; i <= TRIES; i++) {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.ofLiteral("127.53.0." + i), DNS);
            try (DatagramSocket probe = new DatagramSocket(address)) {
                return new DnsOnly(
                        (InetSocketAddress) probe.getLocalSocketAddress(),
                        Files.createTempDirectory("sallyport-run-"));
            } catch (BindException e) {
                if (String.valueOf(e.getMessage()).contains("Permission denied")) {
                    throw denied(e);
                }
            } catch (SocketException e) {
                throw denied(e);
            }
        }
        throw new IOException("port 53 is taken on 127.53.0.1 to 127.53.0." + TRIES);
    }

    String resolvConf() {
        return "# Sallyport answers here; names that are not allowed do not exist.\nnameserver "
                + address.getAddress().getHostAddress()
                + "\noptions edns0\n";
    }

    private static IOException denied(SocketException cause) {
        return new IOException(
                "--dns-only needs port 53 on a loopback address: run it with sudo, or allow it once with"
                        + " sysctl -w net.ipv4.ip_unprivileged_port_start=53",
                cause);
    }

    @Override
    public void close() throws IOException {
        MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
}
