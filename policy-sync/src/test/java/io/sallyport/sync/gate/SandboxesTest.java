package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.World;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The kinds of interface that docs/sandboxes.md names beside the veth of all other tests. */
@Needs({"nsd", "curl", "dig", "tcpdump", "unshare", "python3", "busybox"})
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

    private static Gate gate;

    @BeforeAll
    static void open() {
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

            isGuarded(one);
            isGuarded(two);
            assertThat(one.run("busybox", "ping", "-c", "1", "-w", "5", "10.201.77.3").exit())
                    .as("hosts of one bridge")
                    .isZero();
        }
    }

    private static void isGuarded(Netns sandbox) {
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
