package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The volumes of one pod as directories of this machine, with the owners a kubelet gives them. */
final class Volumes {
    /** As it is for files of secrets and config maps. */
    private static final int MODE = 0644;

    private static final int GROUP_MAY_READ = 0440;

    private final Path directory;
    private final long group;
    private final Map<String, Map<String, String>> known;
    private final Map<String, Path> places = new HashMap<>();

    /**
     * @param known files of config maps and secrets, by kind and name: {@code secret tls}
     */
    Volumes(Path directory, JsonNode pod, Map<String, Map<String, String>> known) {
        this.directory = directory;
        this.group = pod.at("/spec/securityContext/fsGroup").asLong(Security.NO_GROUP);
        this.known = known;
        for (JsonNode volume : pod.at("/spec/volumes")) {
            places.put(volume.path("name").asString(), place(volume));
        }
    }

    Path place(String name) {
        Path place = places.get(name);
        if (place == null) {
            throw new AssertionError("no volume " + name);
        }
        return place;
    }

    private Path place(JsonNode volume) {
        Fields fields = new Fields("volume", volume);
        String name = fields.text("name");
        String kind =
                volume.propertyNames().stream()
                        .filter(each -> !each.equals("name"))
                        .findFirst()
                        .orElseThrow();
        Fields source = new Fields(name, fields.take(kind));
        fields.nothingElse();
        Path place = directory.resolve(name);
        switch (kind) {
            case "hostPath" -> {
                assertThat(source.text("type")).isEqualTo("DirectoryOrCreate");
                place = made(Path.of(source.text("path")), "0755", false);
            }
            case "emptyDir" -> {
                source.without("sizeLimit");
                // As old as its pod.
                Netns.host("rm", "-rf", place.toString()).ok();
                made(place, "0777", true);
            }
            case "persistentVolumeClaim" -> {
                source.without("claimName");
                made(place, "0775", true);
            }
            case "configMap", "secret" -> {
                int mode = source.take("defaultMode").asInt(MODE);
                put(made(place, "0755", false), kind, source, mode);
            }
            case "projected" -> project(made(place, "0755", false), source);
            default -> throw new AssertionError("a volume of a kind that is new: " + kind);
        }
        source.nothingElse();
        return place;
    }

    private void put(Path place, String kind, Fields source, int mode) {
        String name = source.text(kind.equals("secret") ? "secretName" : "name");
        boolean optional = source.flag("optional", false);
        Map<String, String> files = known.get(kind + " " + name);
        assertThat(files != null || optional).as("there is no %s %s", kind, name).isTrue();
        if (files != null) {
            files.forEach((file, text) -> write(place.resolve(file), text, mode));
        }
    }

    /** Of an account's token what there is by that name, and what is said of the pod. */
    private void project(Path place, Fields projected) {
        int mode = projected.take("defaultMode").asInt(MODE);
        for (JsonNode each : projected.take("sources")) {
            Fields source = new Fields("source", each);
            if (each.has("serviceAccountToken")) {
                Fields token = new Fields("token", source.take("serviceAccountToken"));
                String file = token.without("expirationSeconds").text("path");
                write(place.resolve(file), known("token of the account", "token"), mode);
                token.nothingElse();
            } else if (each.has("configMap")) {
                Fields map = new Fields("configMap", source.take("configMap"));
                String name = "configMap " + map.text("name");
                for (JsonNode item : map.take("items")) {
                    String text = known(name, item.path("key").asString());
                    write(place.resolve(item.path("path").asString()), text, mode);
                }
                map.nothingElse();
            } else {
                Fields downward = new Fields("downwardAPI", source.take("downwardAPI"));
                for (JsonNode item : downward.take("items")) {
                    assertThat(item.at("/fieldRef/fieldPath").asString())
                            .isEqualTo("metadata.namespace");
                    write(place.resolve(item.path("path").asString()), "gate", mode);
                }
                downward.nothingElse();
            }
            source.nothingElse();
        }
    }

    private String known(String what, String file) {
        String text = known.getOrDefault(what, Map.of()).get(file);
        if (text == null) {
            throw new AssertionError("there is no " + file + " of " + what);
        }
        return text;
    }

    private Path made(Path place, String mode, boolean ofGroup) {
        try {
            if (!Files.isDirectory(place)) {
                Files.createDirectories(place);
                Netns.host("chmod", mode, place.toString()).ok();
                if (ofGroup && group != Security.NO_GROUP) {
                    Netns.host("chgrp", Long.toString(group), place.toString()).ok();
                    Netns.host("chmod", "g+rwxs", place.toString()).ok();
                }
            }
            return place;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Path file, String text, int mode) {
        try {
            Files.deleteIfExists(file);
            Files.writeString(file, text);
            boolean grouped = group != Security.NO_GROUP;
            if (grouped) {
                Netns.host("chgrp", Long.toString(group), file.toString()).ok();
            }
            int bits = grouped ? mode | GROUP_MAY_READ : mode;
            Netns.host("chmod", Integer.toOctalString(bits), file.toString()).ok();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
