package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.engine.Rootfs;
import io.sallyport.sync.world.World;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kinds of interface that docs/sandboxes.md names beside the veth of all other tests. */
@Needs({
    "nsd",
    "curl",
    "dig",
    "tcpdump",
    "unshare",
    "python3",
    "busybox",
    "podman",
    "systemd-nspawn",
    "/usr/lib/cni/bridge"
})
class SandboxesTest {
    /** The guest of a tap: a kernel of one process, which asks names and connects, or fails to. */
    private static final String GUEST =
            """
            import fcntl, os, select, struct, sys, time
            tap = os.open('/dev/net/tun', os.O_RDWR)
            fcntl.ioctl(tap, 0x400454ca, struct.pack('16sH22x', b'tap0', 0x1002))
            mac, own = b'\\x02\\0\\0\\0\\0\\2', bytes([10, 201, 79, 2])
            def checksum(data):
                total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
                total = (total & 0xffff) + (total >> 16)
                return ~((total & 0xffff) + (total >> 16)) & 0xffff
            def datagram(to, port, content):
                udp = struct.pack('!HHHH', 4000, port, 8 + len(content), 0) + content
                head = struct.pack('!BBHHHBBH4s4s', 69, 0, 20 + len(udp), 1, 0, 64, 17, 0, own, to)
                head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
                os.write(tap, gateway + mac + b'\\x08\\0' + head + udp)
            def frames(seconds):
                end = time.time() + seconds
                while select.select([tap], [], [], max(0, end - time.time()))[0]:
                    yield os.read(tap, 2000)
            print('up', flush=True)
            sys.stdin.readline()
            arp = b'\\xff' * 6 + mac + b'\\x08\\6' + struct.pack('!HHBBH', 1, 2048, 6, 4, 1)
            os.write(tap, arp + mac + own + b'\\0' * 6 + bytes([10, 201, 79, 1]))
            gateway = next(f[22:28] for f in frames(5) if f[12:14] == b'\\x08\\6' and f[20:22] == b'\\0\\2')
            def question(name):
                labels = b''.join(bytes([len(l)]) + l for l in name.split(b'.'))
                return struct.pack('!6H', 7, 256, 1, 0, 0, 0) + labels + b'\\0\\0\\1\\0\\1'
            def heard(to, port, content):
                datagram(to, port, content)
                for f in frames(3):
                    if f[12:14] == b'\\x08\\6' and f[20:22] == b'\\0\\1':
                        os.write(tap, f[6:12] + mac + f[12:20] + b'\\0\\2' + mac + own + f[22:32])
                    elif f[12:14] == b'\\x08\\0' and f[23] == 17:
                        return f[42:]
                    elif f[12:14] == b'\\x08\\0' and f[23] == 1:
                        return b'refused'
                return b'silence'
            allowed = heard(bytes([169, 254, 53, 53]), 53, question(b'www.example.com'))
            print('allowed', allowed[3] & 15, '.'.join(map(str, allowed[-4:])))
            print('denied', heard(bytes([8, 8, 8, 8]), 53, question(b'denied.example.org'))[3] & 15)
            print('pinned', heard(bytes([93, 184, 216, 35]), 443, b'hello'))
            print('direct', heard(bytes([93, 184, 216, 200]), 443, b'hello'))
            """;

    @TempDir private static Path directory;

    private static Gate gate;
    private static Rootfs rootfs;

    @BeforeAll
    static void open() {
        rootfs =
                Rootfs.in(directory.resolve("rootfs"))
                        .programs("sh", "sleep", "cat", "ip", "dig", "curl")
                        .file("usr/lib/os-release", "ID=agent\n");
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", "www.example.com");
    }

    @AfterAll
    static void close() {
        gate.close();
    }

    @Test
    void bridgeIsOneSandbox() {
        Netns host = gate.world().host();
        try (Netns one = Netns.create("bridge-a");
                Netns two = Netns.create("bridge-b")) {
            host.run("ip", "link", "add", "sbr", "type", "bridge").ok();
            host.run("ip", "link", "set", "sbr", "up").ok();
            host.address("sbr", "10.201.77.1/24");
            int number = 2;
            for (Netns each : new Netns[] {one, two}) {
                Netns.join(host, "port" + number, each, "eth0");
                host.run("ip", "link", "set", "port" + number, "master", "sbr").ok();
                each.address("eth0", "10.201.77." + number + "/24").route("default", "10.201.77.1");
                number++;
            }
            session("sbr", "10.201.77.0/24");

            isGuarded(one::run);
            isGuarded(two::run);
            assertThat(one.run("busybox", "ping", "-c", "1", "-w", "5", "10.201.77.3").exit())
                    .as("hosts of one bridge")
                    .isZero();
        }
    }

    /** A way to run a command inside. */
    @FunctionalInterface
    private interface Inside {
        Result run(String... command);
    }

    private static void isGuarded(Inside sandbox) {
        assertThat(sandbox.run("dig", "@169.254.53.53", "www.example.com", "+tries=1").output())
                .contains("NOERROR");
        assertThat(sandbox.run("dig", "@8.8.8.8", "denied.example.org", "+tries=1").output())
                .contains("NXDOMAIN");
        assertThat(sandbox.run("curl", "-sS", "-m", "5", "http://93.184.216.35/").output())
                .startsWith("internet for ");
        assertThat(sandbox.run("curl", "-sS", "-m", "3", "http://" + World.PUBLIC4 + "/").exit())
                .isEqualTo(7);
    }

    @Test
    void podmansContainerIsGuardedByTheBridgeOfItsNetwork() {
        Inside podman = podman();
        String network = "agents-" + UUID.randomUUID();
        podman.run("network", "create", "--subnet", "10.201.81.0/24", "--disable-dns", network)
                .ok();
        try {
            podman.run(
                            "run",
                            "--detach",
                            "--name=c1",
                            "--network=" + network,
                            "--dns=169.254.53.53",
                            // Of itself it raises these, which not every machine lets it.
                            "--ulimit=nofile=1024:1024",
                            "--ulimit=nproc=1024:1024",
                            "--rootfs",
                            rootfs.directory().toString(),
                            "sleep",
                            "600")
                    .ok();
            String bridge =
                    podman.run("network", "inspect", "--format={{.NetworkInterface}}", network)
                            .ok()
                            .output()
                            .strip();
            session(bridge, "10.201.81.0/24");

            isGuarded(command -> podman.run(words(List.of("exec", "c1"), command)));
            assertThat(podman.run("exec", "c1", "cat", "/etc/resolv.conf").output())
                    .contains("nameserver 169.254.53.53");
        } finally {
            podman.run("rm", "--force", "--time=0", "c1");
            podman.run("network", "rm", network);
        }
    }

    /** Podman with all that it keeps below the test's own directory. */
    private static Inside podman() {
        Path keeps = directory.resolve("podman");
        List<String> whole =
                List.of(
                        "podman",
                        "--root=" + keeps.resolve("root"),
                        "--runroot=" + keeps.resolve("run"),
                        "--tmpdir=" + keeps.resolve("tmp"),
                        "--network-config-dir=" + keeps.resolve("networks"),
                        "--cgroup-manager=cgroupfs",
                        "--events-backend=file");
        return command -> gate.world().host().run(words(whole, command));
    }

    private static String[] words(List<String> first, String... then) {
        return Stream.concat(first.stream(), Stream.of(then)).toArray(String[]::new);
    }

    @Test
    void containerOfSystemdNspawnIsGuardedByItsCable() {
        Netns host = gate.world().host();
        String name = "a" + UUID.randomUUID().toString().substring(0, 6);
        String cable = "ve-" + name;
        Process nspawn =
                host.start(
                        "systemd-nspawn",
                        "--quiet",
                        "--register=no",
                        "--keep-unit",
                        "--console=pipe",
                        "--resolv-conf=off",
                        "--machine=" + name,
                        "--network-veth",
                        "--directory=" + rootfs.directory(),
                        "/bin/sh",
                        "-c",
                        "ip link set host0 up && ip address add 10.201.80.2/30 dev host0"
                                + " && ip route add default via 10.201.80.1 && exec sleep 600");
        try {
            Gate.await("its cable", () -> host.run("ip", "link", "show", cable).exit() == 0);
            host.address(cable, "10.201.80.1/30").run("ip", "link", "set", cable, "up").ok();
            session(cable, "10.201.80.2");
            long inside = nspawn.children().findFirst().orElseThrow().pid();
            Inside container =
                    command ->
                            Netns.host(
                                    words(
                                            List.of("nsenter", "--all", "--target=" + inside),
                                            command));
            Gate.await(
                    "its route",
                    () -> container.run("ip", "route").output().contains("default via"));

            isGuarded(container);
        } finally {
            nspawn.descendants().forEach(ProcessHandle::destroyForcibly);
            nspawn.destroyForcibly();
        }
    }

    @Test
    void tapLeadsAGuestOfItsOwnKernel() throws Exception {
        Netns host = gate.world().host();
        host.run("ip", "tuntap", "add", "tap0", "mode", "tap").ok();
        host.address("tap0", "10.201.79.1/30").run("ip", "link", "set", "tap0", "up").ok();
        session("tap0", "10.201.79.2");
        Process guest = host.start("python3", "-c", GUEST);
        try {
            assertThat(guest.inputReader().readLine()).isEqualTo("up");
            guest.outputWriter().append("go\n").flush();
            assertThat(guest.inputReader().lines())
                    .containsExactly(
                            "allowed 0 93.184.216.35",
                            "denied 3",
                            "pinned b'hello'",
                            "direct b'refused'");
        } finally {
            guest.destroyForcibly();
        }
    }

    /** As {@code sallyport session start --org acme …} does. */
    private static void session(String interfaceName, String address) {
        Result started =
                gate.program(
                        "session",
                        "start",
                        "--org",
                        "acme",
                        "--interface",
                        interfaceName,
                        "--address",
                        address);
        assertThat(started.exit()).as(started.output()).isZero();
    }
}
