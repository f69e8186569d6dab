package io.sallyport.sync.cni;

import com.google.common.hash.Hashing;
import io.sallyport.sync.cni.Fault.Code;
import io.sallyport.sync.network.Network.Pod;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call of a runtime, as the plugin carries it.
 *
 * @param container empty where the command concerns none
 * @param ifname likewise
 * @param args {@code CNI_ARGS}
 * @param patience how long the plugin waits for the answer
 */
record Call(
        Command command,
        String container,
        String ifname,
        Map<String, String> args,
        Duration patience,
        Conf conf) {

    enum Command {
        ADD,
        DEL,
        CHECK,
        GC,
        STATUS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        private boolean ends() {
            return this == DEL || this == GC;
        }

        private boolean concernsContainer() {
            return this == ADD || this == DEL || this == CHECK;
        }
    }

    /** CNI §2: letters and digits first; runtimes use 64 hexadecimal digits. */
    private static final Pattern CONTAINER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,255}");

    /** What the kernel takes as an interface's name, and no file's path. */
    private static final Pattern IFNAME = Pattern.compile("(?!\\.\\.?$)[!-~&&[^/:]]{1,15}");

    /** RFC 1123 names, as Kubernetes has them. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,252}");

    private static final Pattern UID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    /** Of an attachment's id: 24 bits tell networks of a host apart, 96 bits containers. */
    private static final int NETWORK_DIGITS = 6;

    private static final int CONTAINER_DIGITS = 24;

    private static final long MAX_PATIENCE_MILLIS = 120_000;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    static Call read(InputStream body) throws Fault {
        JsonNode read;
        try {
            read = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new Fault(Code.UNDECODABLE, "not JSON: " + e.getOriginalMessage());
        }
        if (!(read instanceof ObjectNode call)
                || !(call.get("config") instanceof ObjectNode config)) {
            throw new Fault(Code.UNDECODABLE, "a call is an object with a configuration");
        }
        Command command = command(call.path("command").asString(""));
        String container = call.path("containerId").asString("");
        String ifname = call.path("ifname").asString("");
        if (command.concernsContainer()) {
            require(CONTAINER.matcher(container).matches(), "CNI_CONTAINERID is missing or odd");
            require(IFNAME.matcher(ifname).matches(), "CNI_IFNAME is missing or odd");
        }
        long millis = call.path("timeoutMillis").asLong(0);
        return new Call(
                command,
                container,
                ifname,
                args(call.path("args").asString("")),
                Duration.ofMillis(Math.clamp(millis, 0, MAX_PATIENCE_MILLIS)),
                Conf.of(config, !command.ends()));
    }

    private static Command command(String text) throws Fault {
        for (Command command : Command.values()) {
            if (command.name().equals(text)) {
                return command;
            }
        }
        throw new Fault(Code.ENVIRONMENT, "CNI_COMMAND is none that a node knows");
    }

    private static Map<String, String> args(String text) throws Fault {
        Map<String, String> args = new HashMap<>();
        for (String pair : text.split(";", -1)) {
            int mark = pair.indexOf('=');
            require(pair.isEmpty() || mark > 0, "CNI_ARGS should be KEY=VALUE;KEY=VALUE");
            if (mark > 0) {
                require(
                        args.put(pair.substring(0, mark), pair.substring(mark + 1)) == null,
                        "CNI_ARGS names a key twice");
            }
        }
        return Map.copyOf(args);
    }

    private static void require(boolean condition, String otherwise) throws Fault {
        if (!condition) {
            throw new Fault(Code.ENVIRONMENT, otherwise);
        }
    }

    /** The pod that this is about, if the runtime says that it is one. */
    Optional<Pod> pod() throws Fault {
        String namespace = args.get("K8S_POD_NAMESPACE");
        String name = args.get("K8S_POD_NAME");
        String uid = args.get("K8S_POD_UID");
        if (namespace == null && name == null && uid == null) {
            return Optional.empty();
        }
        require(isName(namespace) && isName(name), "K8S_POD_NAMESPACE or K8S_POD_NAME is odd");
        require(uid == null || UID.matcher(uid).matches(), "K8S_POD_UID is odd");
        return Optional.of(new Pod(String.valueOf(namespace), String.valueOf(name), uid));
    }

    private static boolean isName(@Nullable String text) {
        return text != null && NAME.matcher(text).matches();
    }

    /** Whose session the container gets by the word of its runtime; the configuration's first. */
    Optional<String> org() {
        return conf.org().or(() -> argument("SALLYPORT_ORG"));
    }

    Optional<String> agent() {
        return conf.org().isPresent() ? conf.agent() : argument("SALLYPORT_AGENT");
    }

    private Optional<String> argument(String key) {
        return Optional.ofNullable(args.get(key)).filter(value -> !value.isBlank());
    }

    /** The same for the same container and interface, and no other's. */
    String id() {
        return id(container, ifname);
    }

    /** The ids of all attachments of this network begin with it. */
    String prefix() {
        return "cni-" + digest(conf.name(), NETWORK_DIGITS) + "-";
    }

    private String id(String id, String interfaceName) {
        return prefix() + digest(id + "\0" + interfaceName, CONTAINER_DIGITS);
    }

    private static String digest(String text, int digits) {
        return Hashing.sha256()
                .hashString(text, StandardCharsets.UTF_8)
                .toString()
                .substring(0, digits);
    }

    /** The attachments that the runtime still knows. */
    List<String> valid() throws Fault {
        return conf.valid().stream().map(each -> id(each.container(), each.ifname())).toList();
    }
}
