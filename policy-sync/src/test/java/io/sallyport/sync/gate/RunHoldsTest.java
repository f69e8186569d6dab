package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command under {@code sallyport run} cannot reach of the host. */
@Needs({"nsd", "tcpdump", "unshare", "python3"})
class RunHoldsTest extends Runs {
    @Test
    void commandCannotLeaveItsNamespacesThroughTheHost() {
        Ended run =
                run(
                        List.of("--level", "none"),
                        """
                        for attempt in 'nsenter --target 1 --net true' 'nsenter --net=/proc/1/ns/net true' \
                            'unshare --net true' 'ip link set eth0 down' 'mount -t tmpfs none /mnt' \
                            'sh -c "echo x > /proc/sys/kernel/core_pattern"' 'sh -c "echo 1 > /proc/sys/kernel/sysrq"' \
                            'umount /run' 'sh -c "echo b > /proc/sysrq-trigger"' 'iptables -F'; do
                            if sh -c "$attempt" 2>/dev/null; then echo "OPEN: $attempt"; fi
                        done
                        ls /run | grep -v mount; ls -A %s; cat /proc/1/comm\
                        """
                                .formatted(data));

        // Process 1 is the sandbox's own, so the first two attempts only ever meet the sandbox
        // itself.
        assertThat(run.out().replaceAll("(?m)^OPEN: nsenter.*\n", ""))
                .isEqualTo("lock\nresolv.conf\nsh\n");
    }

    @Test
    void socketOfTheHostInTheFileSystemIsClosedToTheCommand(@TempDir Path elsewhere)
            throws IOException {
        Path path = elsewhere.resolve("multi plexer.sock");
        Process listening =
                asHost(
                                "python3",
                                "-c",
                                """
                                import socket, sys
                                s = socket.socket(socket.AF_UNIX)
                                s.bind(sys.argv[1])
                                s.listen()
                                print("listens", flush=True)
                                s.accept()
                                """,
                                path.toString())
                        .start();
        try {
            assertThat(listening.inputReader().readLine()).isEqualTo("listens");

            Ended run =
                    run(
                            List.of(),
                            "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"%s\")' 2>&1"
                                    .formatted(path));

            assertThat(run.out()).contains("ConnectionRefusedError");
        } finally {
            listening.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/run"})
    void directoryInWhichTheCommandStartsIsHiddenToo(String start) throws IOException {
        Files.writeString(data.resolve("admin.token"), "secret");
        String directory = start.isEmpty() ? data.toString() : start;

        Ended run =
                ended(
                        asHost(command(List.of(), "cat ./admin.token; ls -A . ./sallyport"))
                                .directory(Path.of(directory).toFile()));

        assertThat(run.out()).doesNotContain("secret", "admin.token", "run-");
    }

    @Test
    void kernelFileSystemsMountedElsewhereAreHidden(@TempDir Path chroot) {
        List<String> mounted =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "cd \"$0\" && mkdir 'p roc' sys && mount -t proc proc 'p roc' && mount -t sysfs sysfs sys && exec \"$@\"",
                                chroot.toString()));
        mounted.addAll(List.of(command(List.of(), "cd %s && find .".formatted(chroot))));

        Ended run = ended(asHost(mounted.toArray(String[]::new)));

        assertThat(run.out().lines())
                .as(run.err())
                .containsExactlyInAnyOrder(".", "./p roc", "./sys");
    }

    @Test
    void callsThatNoNetworkNamespaceHoldsAreRefused() {
        Ended run =
                run(
                        List.of(),
                        """
                        python3 -c '
                        import ctypes, fcntl, os, socket
                        calls = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}[os.uname().machine]
                        libc = ctypes.CDLL(None, use_errno=True)
                        for number in calls + (425,):
                            libc.syscall(number, 0, 0, 0, 0, 0)
                            print(ctypes.get_errno(), end=" ")
                        for family in (40, 31, 38):
                            try: print("OPEN", socket.socket(family, socket.SOCK_STREAM))
                            except OSError as e: print(e.errno, end=" ")
                        for request in (0x5412, 0x541c):
                            try: print("OPEN", fcntl.ioctl(0, request, b"x"))
                            except OSError as e: print(e.errno, end=" ")
                        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'\
                        """);

        assertThat(run.out()).as(run.err()).isEqualTo("1 1 1 1 97 97 97 1 1 ");
    }
}
