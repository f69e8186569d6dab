package io.sallyport.sync.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the numbers were measured on and with. */
final class Machine {
    private Machine() {}

    static Map<String, String> describe(List<Peer> peers) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cpu", model());
        facts.put("cpus", Integer.toString(cores()));
        facts.put("kernel", System.getProperty("os.version"));
        facts.put("java", Runtime.version().toString());
        facts.put("dnsperf", version("dnsperf"));
        facts.put("nsd", version("nsd"));
        for (Peer peer : peers) {
            if (peer != Peer.SALLYPORT && peer.missing().isEmpty()) {
                facts.put(peer.title(), version(peer.debianPackage()));
            }
        }
        return facts;
    }

    /** Of the machine, not of this process, which the launcher may have pinned. */
    static int cores() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return (int) lines.filter(line -> line.startsWith("processor")).count();
        }
    }

    private static String model() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }

    private static String version(String debianPackage) {
        try {
            return Lab.tool("dpkg-query", "-W", "-f", "${Package} ${Version}", debianPackage);
        } catch (IOException e) {
            return "not a Debian package";
        }
    }
}
