package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * What goes wrong around one process of a node, and for it alone: mounts in its own namespace, over
 * its disk and over its tools.
 */
final class Sabotage {
    private final Netns host;
    private final Path data;
    private final LongSupplier node;

    /**
     * @param data of the node
     * @param node the id of the process that is the node by now
     */
    Sabotage(Netns host, Path data, LongSupplier node) {
        this.host = host;
        this.data = data;
        this.node = node;
    }

    /** From now on nothing can be written into the journal. */
    void fillDisk() {
        enterNode(
                "mount -t tmpfs -o size=2m tmpfs /mnt && cp -a \"$0\"/. /mnt && mount --move /mnt \"$0\"");
        enterNode("cat /dev/zero >\"$0/filler\" 2>/dev/null || true");
    }

    /** The opposite of {@link #fillDisk()}. */
    void emptyDisk() {
        enterNode("rm \"$0/filler\"");
    }

    /** From now on nothing in the journal can be changed, nor taken out of it. */
    void freezeDisk() {
        enterNode("mount -t tmpfs tmpfs /mnt && cp -a \"$0\"/. /mnt && mount --move /mnt \"$0\"");
        enterNode("mount -o remount,ro \"$0\"");
    }

    /** The opposite of {@link #freezeDisk()}. */
    void thawDisk() {
        enterNode("mount -o remount,rw \"$0\"");
    }

    /** From now on every program fails by which the node changes the kernel's rules. */
    void breakTools() {
        enterNode("mount --bind /bin/false \"$(readlink -f \"$(command -v iptables-restore)\")\"");
    }

    /** The opposite of {@link #breakTools()}. */
    void mendTools() {
        enterNode("umount -l \"$(readlink -f \"$(command -v iptables-restore)\")\"");
    }

    /** From now on every program that changes the kernel's rules waits before it does. */
    void holdTools() {
        enterNode(
                """
                tools="$0/../tools"; mkdir -p "$tools"; touch "$tools/hold"; rm -f "$tools/held"
                real="$(readlink -f "$(command -v iptables-restore)")"
                if cmp -s "$tools/gate" "$real"; then exit; fi
                cp "$real" "$tools/real"
                for name in iptables ip6tables; do for verb in '' -save -restore; do
                  ln -sf real "$tools/$name$verb"
                done; done
                cat >"$tools/gate" <<END
                #!/bin/sh
                case "\\$0" in *-restore)
                  while test -e "$tools/hold"; do touch "$tools/held"; sleep 0.05; done
                esac
                exec "$tools/\\${0##*/}" "\\$@"
                END
                chmod +x "$tools/gate"; mount --bind "$tools/gate" "$real"
                """);
    }

    /** Whether one waits. */
    boolean hasHeldTool() {
        return Files.exists(data.resolve("tools/held"));
    }

    /** The opposite of {@link #holdTools()}. */
    void letToolsGo() throws IOException {
        Files.delete(data.resolve("tools/hold"));
    }

    private void enterNode(String script) {
        host.run(
                        "nsenter",
                        "--mount=/proc/" + node.getAsLong() + "/ns/mnt",
                        "sh",
                        "-c",
                        script,
                        data.resolve("journal").toString())
                .ok();
    }
}
