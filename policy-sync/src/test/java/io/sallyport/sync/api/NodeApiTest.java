package io.sallyport.sync.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.InetAddresses;
import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.resolver.Resolver;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.session.Sessions;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs({"iptables", "ipset"})
class NodeApiTest {
    /** Of which nothing is put in force. */
    private static final Firewall.Installation INSTALLATION =
            new Firewall.Installation(
                    "api",
                    (Inet4Address) InetAddresses.forString("169.254.53.53"),
                    (Inet6Address) InetAddresses.forString("fd00:53::53"),
                    1053,
                    1054,
                    List.of());

    /** Nobody asks how they are. */
    private static final NodeApi.Rules RULES =
            new NodeApi.Rules() {
                @Override
                public List<String> faults() {
                    return List.of();
                }

                @Override
                public long repairs() {
                    return 0;
                }
            };

    @Test
    @SuppressWarnings("NullAway") // nobody asks for sessions or names
    void closesWhereItCannotTakeBackWhatItAnnounced(@TempDir Path directory) throws IOException {
        Sessions sessions = null;
        Resolver resolver = null;
        DataDirectory data = new DataDirectory(directory);
        InetSocketAddress http =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.any());
        try (Firewall firewall = Firewall.prepare(INSTALLATION)) {
            NodeApi api =
                    NodeApi.start(
                            new NodeApi.Config(data, http),
                            sessions,
                            resolver,
                            firewall,
                            RULES,
                            Map::of);
            assertThat(data.nodeRuns()).isTrue();
            data.announce(Map.of("others", "stay"));
            Files.createDirectory(directory.resolve("endpoints.new")); // where it writes first

            assertThatThrownBy(api::close).hasMessageContaining("endpoints.new");
        }
        assertThat(data.nodeRuns()).isFalse();
        try (ServerSocket metrics = new ServerSocket()) {
            metrics.bind(http);
        }
    }
}
