package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a container may by its manifest.
 *
 * @param flags the same to {@code docker run}
 */
record Security(String user, List<String> added, boolean mayGain, long group, List<String> flags) {
    static final long NO_GROUP = -1;

    /** A container's word counts before its pod's. */
    static Security of(JsonNode pod, JsonNode container) {
        ObjectNode both = ((ObjectNode) pod.at("/spec/securityContext")).deepCopy();
        both.setAll((ObjectNode) container.path("securityContext"));
        // The volumes have seen to this.
        Fields fields = new Fields("securityContext", both).without("fsGroupChangePolicy");
        List<String> flags = new ArrayList<>();

        assertThat(both.path("runAsUser").isNumber() && both.path("runAsGroup").isNumber())
                .as("who it runs as")
                .isTrue();
        long uid = fields.take("runAsUser").asLong();
        String user = uid + ":" + fields.take("runAsGroup").asLong();
        flags.add("--user=" + user);
        assertThat(fields.flag("runAsNonRoot", false) && uid == 0).as("runAsNonRoot").isFalse();
        long group = fields.take("fsGroup").asLong(NO_GROUP);
        if (group != NO_GROUP) {
            flags.add("--group-add=" + group);
        }
        assertThat(fields.flag("privileged", false)).as("privileged").isFalse();
        boolean mayGain = fields.flag("allowPrivilegeEscalation", true);
        if (!mayGain) {
            flags.add("--security-opt=no-new-privileges");
        }
        if (fields.flag("readOnlyRootFilesystem", false)) {
            flags.add("--read-only");
        }
        Fields capabilities = new Fields("capabilities", fields.take("capabilities"));
        Chart.texts(capabilities.take("drop")).forEach(name -> flags.add("--cap-drop=" + name));
        List<String> added = Chart.texts(capabilities.take("add"));
        added.forEach(name -> flags.add("--cap-add=" + name));
        capabilities.nothingElse();
        Fields seccomp = new Fields("seccompProfile", fields.take("seccompProfile"));
        // The engine's own, which it puts on whatever asks for no other.
        assertThat(seccomp.text("type")).isEqualTo("RuntimeDefault");
        seccomp.nothingElse();
        fields.nothingElse();
        return new Security(user, added, mayGain, group, flags);
    }
}
