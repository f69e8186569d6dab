package io.sallyport.sync.doctor;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.host.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Looks at the host, from the program's own needs to the neighbourhood's oddities. */
public final class Doctor {

    /** How much a finding matters. */
    public enum Grade {
        OK,
        /** It works, but an operator should know. */
        WARNING,
        /** Something does not work. */
        MISSING
    }

    /**
     * @param what was looked at
     * @param detail what was found, and the fix where there is something to fix
     */
    public record Finding(Grade grade, String what, String detail) {}

    /** Programs and the Debian packages that bring them. */
    private static final Map<String, String> PROGRAMS =
            Map.of(
                    "ip", "iproute2",
                    "iptables", "iptables",
                    "ip6tables", "iptables",
                    "ipset", "ipset",
                    "conntrack", "conntrack",
                    "unshare", "util-linux",
                    "nsenter", "util-linux",
                    "setpriv", "util-linux",
                    "getent", "libc-bin");

    private final List<Finding> findings = new ArrayList<>();

    private Doctor() {}

    /** Everything, in the order in which it should be mended. */
    public static List<Finding> examine(DataDirectory data) {
        Doctor doctor = new Doctor();
        doctor.java();
        boolean root = doctor.root();
        doctor.programs();
        if (root) {
            doctor.kernel();
            doctor.namespaces();
        }
        doctor.nameServers();
        doctor.bridges();
        doctor.forwarding();
        doctor.installation(data);
        return List.copyOf(doctor.findings);
    }

    private void java() {
        add(Grade.OK, "java", System.getProperty("java.vendor") + " " + Runtime.version());
    }

    private boolean root() {
        boolean root = Host.isRoot();
        if (root) {
            add(Grade.OK, "root", "yes");
        } else {
            add(
                    Grade.MISSING,
                    "root",
                    "the firewall, and with it node, up and run, need root: use sudo. The kernel was not examined."
                            + " Without root there are sallyport resolver and run --dns-only");
        }
        return root;
    }

    private void programs() {
        PROGRAMS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> {
                    try {
                        add(
                                Grade.OK,
                                "program " + entry.getKey(),
                                Host.program(entry.getKey()).toString());
                    } catch (IOException e) {
                        add(
                                Grade.MISSING,
                                "program " + entry.getKey(),
                                "apt-get install " + entry.getValue());
                    }
                });
    }

    private void namespaces() {
        try {
            Host.run(
                    "unshare",
                    "--net",
                    "--mount",
                    "--pid",
                    "--ipc",
                    "--fork",
                    "--mount-proc",
                    "true");
            add(Grade.OK, "namespaces", "net, mount, pid and ipc can be made");
        } catch (IOException e) {
            add(
                    Grade.MISSING,
                    "namespaces",
                    "run cannot make a sandbox here ("
                            + e.getMessage()
                            + "); in a container it needs CAP_SYS_ADMIN and an unmasked /proc. Sessions do not need this");
        }
    }

    private void nameServers() {
        try {
            List<InetSocketAddress> servers = Host.nameServers();
            if (servers.isEmpty()) {
                add(
                        Grade.WARNING,
                        "upstream",
                        "/etc/resolv.conf names no server: name one with --upstream ADDRESS");
            } else {
                add(
                        Grade.OK,
                        "upstream",
                        servers.stream()
                                .map(server -> server.getAddress().getHostAddress())
                                .collect(Collectors.joining(", ")));
            }
        } catch (IOException | IllegalArgumentException e) {
            add(
                    Grade.WARNING,
                    "upstream",
                    "/etc/resolv.conf cannot be read: name a server with --upstream ADDRESS");
        }
    }

    private void bridges() {
        for (String key :
                List.of(
                        "net/bridge/bridge-nf-call-iptables",
                        "net/bridge/bridge-nf-call-ip6tables")) {
            try {
                if (Host.hasSetting(key) && Host.setting(key).equals("0")) {
                    add(
                            Grade.WARNING,
                            key,
                            "0: sandboxes on one bridge reach each other past the firewall; isolate their ports"
                                    + " (bridge link set dev IF isolated on) or set it to 1");
                }
            } catch (IOException e) {
                add(Grade.WARNING, key, "cannot be read: " + e.getMessage());
            }
        }
    }

    private void forwarding() {
        try {
            boolean on = Host.setting("net/ipv4/ip_forward").equals("1");
            add(
                    Grade.OK,
                    "forwarding",
                    on
                            ? "on for the whole host"
                            : "off for the whole host; run turns it on for its own links, for other sandbox interfaces"
                                    + " set net.ipv4.conf.IF.forwarding=1");
        } catch (IOException e) {
            add(Grade.WARNING, "forwarding", "cannot be read: " + e.getMessage());
        }
    }

    private void installation(DataDirectory data) {
        if (!Files.isDirectory(data.path())) {
            add(Grade.OK, "data", data.path() + " is made at the first start");
        } else if (!Files.isExecutable(data.path())) {
            add(Grade.OK, "data", data.path() + ", where only its owner may look");
        } else if (data.nodeRuns()) {
            add(Grade.OK, "data", data.path() + ", a node runs there");
        } else {
            add(Grade.OK, "data", data.path() + ", no node runs there");
        }
    }

    private void kernel() {
        for (Firewall.Finding finding : Firewall.check()) {
            add(
                    finding.ok() ? Grade.OK : Grade.MISSING,
                    "kernel",
                    finding.ok() ? finding.what() : finding.what() + ": " + finding.fix());
        }
    }

    private void add(Grade grade, String what, String detail) {
        findings.add(new Finding(grade, what, detail));
    }
}
