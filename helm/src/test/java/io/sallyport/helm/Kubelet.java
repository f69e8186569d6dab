package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.engine.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Runs pods of the chart as a kubelet and its runtime do, with a Docker engine: volumes, init
 * containers one after another, then the others, each with what its manifest says. A field that it
 * does not know how to carry over is an error.
 */
final class Kubelet {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\(([A-Z_]+)\\)");

    private final ImageHost host;
    private final Engine engine;
    private final Path directory;
    private final Map<String, String> said;
    private final Map<String, Map<String, String>> known = new HashMap<>();
    private final List<String> hosts = new ArrayList<>();

    /**
     * @param said of the pod and its node, by field path
     */
    Kubelet(ImageHost host, Path directory, Map<String, String> said) {
        this.host = host;
        this.engine = host.engine();
        this.directory = directory;
        this.said = said;
    }

    /** Files of a {@code secret} or {@code configMap} from now on. */
    void knows(String what, Map<String, String> files) {
        known.put(what, files);
    }

    /** What the cluster's DNS would answer. */
    void resolves(String name, String address) {
        hosts.add("--add-host=" + name + ":" + address);
    }

    /** A pod's containers are called by its name and their own, {@code node-cni}. */
    void start(String name, List<JsonNode> objects, JsonNode pod) {
        for (JsonNode object : objects) {
            if (object.path("kind").asString().equals("ConfigMap")) {
                Map<String, String> files = new HashMap<>();
                object.path("data")
                        .properties()
                        .forEach(file -> files.put(file.getKey(), file.getValue().asString()));
                knows("configMap " + object.at("/metadata/name").asString(), files);
            }
        }
        Fields spec =
                new Fields("pod", pod.path("spec"))
                        .without("serviceAccountName", "automountServiceAccountToken")
                        .without("enableServiceLinks", "priorityClassName", "nodeSelector")
                        .without("tolerations", "affinity", "topologySpreadConstraints")
                        .without("terminationGracePeriodSeconds", "imagePullSecrets", "dnsPolicy")
                        .without("securityContext", "volumes");
        Volumes volumes = new Volumes(directory.resolve(name), pod, known);
        List<String> common = new ArrayList<>(hosts);
        if (spec.flag("hostNetwork", false)) {
            common.add("--network=host");
        }
        for (JsonNode container : spec.take("initContainers")) {
            run(name, pod, container, volumes, common, "--rm");
        }
        for (JsonNode container : spec.take("containers")) {
            run(name, pod, container, volumes, common, "--detach");
        }
        spec.nothingElse();
    }

    private void run(
            String pod,
            JsonNode manifest,
            JsonNode container,
            Volumes volumes,
            List<String> common,
            String how) {
        Fields fields =
                new Fields("container", container)
                        .without("imagePullPolicy", "ports", "securityContext")
                        .without("startupProbe", "readinessProbe", "livenessProbe");
        String name = pod + "-" + fields.text("name");
        List<String> words = new ArrayList<>(List.of("run", how, "--name=" + name));
        words.addAll(common);
        words.addAll(Security.of(manifest, container).flags());
        Map<String, String> environment = environment(fields.take("env"));
        environment.forEach((key, value) -> words.add("--env=" + key + "=" + value));
        words.addAll(limits(fields.take("resources")));
        for (JsonNode mount : fields.take("volumeMounts")) {
            words.add(mount(new Fields("mount", mount), volumes));
        }
        List<String> command = expanded(fields.take("command"), environment);
        if (!command.isEmpty()) {
            words.add("--entrypoint=" + command.getFirst());
        }
        words.add(fields.text("image"));
        words.addAll(command.isEmpty() ? command : command.subList(1, command.size()));
        words.addAll(expanded(fields.take("args"), environment));
        fields.nothingElse();
        engine.docker(words.toArray(String[]::new)).ok();
    }

    private Map<String, String> environment(JsonNode variables) {
        // Of every container there is in a cluster.
        Map<String, String> environment = new HashMap<>();
        said.forEach((key, value) -> {
            if (key.startsWith("KUBERNETES_")) {
                environment.put(key, value);
            }
        });
        for (JsonNode variable : variables) {
            Fields fields = new Fields("variable", variable);
            JsonNode from = fields.take("valueFrom");
            String value =
                    from.isMissingNode()
                            ? fields.text("value")
                            : said.get(from.at("/fieldRef/fieldPath").asString());
            assertThat(value).as("%s", variable).isNotNull();
            environment.put(fields.text("name"), value);
            fields.nothingElse();
        }
        return environment;
    }

    private static List<String> expanded(JsonNode words, Map<String, String> environment) {
        return Chart.texts(words).stream()
                .map(word ->
                        VARIABLE.matcher(word)
                                .replaceAll(match ->
                                        Matcher.quoteReplacement(
                                                environment.getOrDefault(
                                                        match.group(1), match.group()))))
                .toList();
    }

    private static List<String> limits(JsonNode resources) {
        Fields fields = new Fields("resources", resources).without("requests");
        Fields limits = new Fields("limits", fields.take("limits"));
        List<String> flags = new ArrayList<>();
        if (limits.take("memory").isString()) {
            String memory = limits.text("memory").replaceFirst("i$", "");
            flags.add("--memory=" + memory.toLowerCase(Locale.ROOT));
        }
        limits.nothingElse();
        fields.nothingElse();
        return flags;
    }

    private static String mount(Fields mount, Volumes volumes) {
        Path place = volumes.place(mount.text("name"));
        JsonNode part = mount.take("subPath");
        String flag =
                "--volume="
                        + (part.isMissingNode() ? place : place.resolve(part.asString()))
                        + ":"
                        + mount.text("mountPath")
                        + (mount.flag("readOnly", false) ? ":ro" : "");
        mount.nothingElse();
        return flag;
    }

    /** Until its probes say so. */
    void awaitReady(String pod, JsonNode manifest) {
        for (JsonNode container : manifest.at("/spec/containers")) {
            String name = pod + "-" + container.path("name").asString();
            for (String probe : List.of("startupProbe", "readinessProbe")) {
                if (container.has(probe)) {
                    host.await(
                            name, () -> passes(name, manifest, container, container.path(probe)));
                }
            }
        }
    }

    private boolean passes(String name, JsonNode pod, JsonNode container, JsonNode probe) {
        if (probe.has("exec")) {
            List<String> command = Chart.texts(probe.at("/exec/command"));
            return host.inside(name, command.toArray(String[]::new)).exit() == 0;
        }
        JsonNode get = probe.path("httpGet");
        boolean ofHost = pod.at("/spec/hostNetwork").asBoolean(false);
        String address = ofHost ? said.getOrDefault("status.hostIP", "") : address(name);
        JsonNode port = get.path("port");
        JsonNode number =
                port.isNumber()
                        ? port
                        : Chart.named(container.path("ports"), port.asString())
                                .path("containerPort");
        String url =
                get.path("scheme").asString("HTTP").toLowerCase(Locale.ROOT)
                        + "://"
                        + get.path("host").asString(address)
                        + ":"
                        + number.asInt()
                        + get.path("path").asString();
        return host.world().host().run("curl", "-ksSf", "-m", "5", url).exit() == 0;
    }

    String address(String container) {
        return engine.docker("inspect", "--format={{.NetworkSettings.IPAddress}}", container)
                .ok()
                .output()
                .strip();
    }

    /** Its containers are asked to end, and are no more. */
    void end(String pod, JsonNode manifest) {
        for (JsonNode container : manifest.at("/spec/containers")) {
            String name = pod + "-" + container.path("name").asString();
            engine.docker("stop", "--time=30", name).ok();
            engine.docker("rm", name).ok();
        }
    }
}
