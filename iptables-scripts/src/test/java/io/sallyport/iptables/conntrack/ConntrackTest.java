package io.sallyport.iptables.conntrack;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether the kernel is asked for every flow, or for those of the addresses alone. */
@Needs({"python3", "ip6tables"})
class ConntrackTest {
    private static final String SEND =
            """
            import socket, sys
            for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
                s = socket.socket(socket.AF_INET6 if ':' in source else socket.AF_INET, socket.SOCK_DGRAM)
                s.bind((source, 0))
                s.sendto(b'x', (target, 9))
            """;

    private final Netns netns = Netns.create("spflows");

    @BeforeEach
    void flows() {
        for (String address :
                List.of(
                        "10.0.0.1/32",
                        "10.0.0.2/32",
                        "10.0.1.9/32",
                        "fd00::1/128",
                        "fd00::2/128")) {
            netns.address("lo", address);
        }
        for (String program : List.of("iptables", "ip6tables")) {
            netns.run(
                            program,
                            "-A",
                            "OUTPUT",
                            "-m",
                            "conntrack",
                            "--ctstate",
                            "NEW",
                            "-j",
                            "ACCEPT")
                    .ok();
        }
        netns.run(
                        "python3",
                        "-c",
                        SEND,
                        "10.0.0.1",
                        "10.0.1.9",
                        "10.0.1.9",
                        "10.0.0.1",
                        "10.0.0.2",
                        "10.0.1.9",
                        "fd00::1",
                        "fd00::2",
                        "fd00::2",
                        "fd00::2")
                .ok();
    }

    @AfterEach
    void close() {
        netns.close();
    }

    private String table() {
        return netns.run("cat", "/proc/self/net/nf_conntrack").ok().output();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE})
    void flowsThatAnAddressOpenedOrAnswersAreCutAndNoOthers(long manyFlows) throws IOException {
        assertThat(table()).contains("src=10.0.0.1 ", "src=10.0.0.2 ", "src=fd00:");

        int cut =
                Conntrack.cut(
                        Optional.of(Path.of("/run/netns", netns.name())),
                        List.of(Block.parse("10.0.0.1"), Block.parse("fd00::1")),
                        manyFlows);

        assertThat(cut).isEqualTo(3);
        assertThat(table())
                .doesNotContain("=10.0.0.1 ")
                .contains("src=10.0.0.2 dst=10.0.1.9")
                .contains("src=fd00:0000:0000:0000:0000:0000:0000:0002")
                .doesNotContain("=fd00:0000:0000:0000:0000:0000:0000:0001 ");
    }
}
