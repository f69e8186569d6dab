package io.sallyport.sync.admission;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.sync.admission.Admission.Config;
import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.document.Document;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Reads {@code webhook:} of a configuration file. */
final class ConfigReading {
    /** The resolver's own addresses, as a node has them by default. */
    private static final List<String> NAME_SERVERS = List.of("169.254.53.53", "fd00:53::53");

    /** A resolver reads three lines of resolv.conf, and an API server takes no more. */
    private static final int MOST_NAME_SERVERS = 3;

    /** What kubernetes-sigs/agent-sandbox marks pods with that nobody has claimed. */
    private static final List<String> POOL_KEYS = List.of("agents.x-k8s.io/warm-pool-sandbox");

    private static final int MOST_KEYS = 8;

    /** RFC 1123: a subdomain. */
    private static final Pattern CLASS = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

    private ConfigReading() {}

    static Config read(Document document) {
        Document.Fields fields = document.fields();
        List<InetAddress> servers =
                fields.list("name-servers", value -> value.textAs(ConfigReading::address));
        List<String> pools = fields.list("pool-keys", Document::text);
        if (servers.size() > MOST_NAME_SERVERS || pools.size() > MOST_KEYS) {
            throw document.error(
                    "takes at most "
                            + MOST_NAME_SERVERS
                            + " name-servers and "
                            + MOST_KEYS
                            + " pool-keys");
        }
        Config config =
                new Config(
                        servers.isEmpty()
                                ? NAME_SERVERS.stream().map(ConfigReading::address).toList()
                                : servers,
                        fields.optional("runtime-class")
                                .map(value -> value.textAs(ConfigReading::runtimeClass)),
                        Claim.Keys.read(fields),
                        pools.isEmpty() ? POOL_KEYS : pools,
                        fields.optional("client-ca-file").map(value -> Path.of(value.text())));
        fields.end();
        return config;
    }

    private static InetAddress address(String text) {
        Cidr.address(text);
        return InetAddress.ofLiteral(text);
    }

    private static String runtimeClass(String text) {
        if (!CLASS.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" should be the name of a RuntimeClass, such as gvisor");
        }
        return text;
    }
}
