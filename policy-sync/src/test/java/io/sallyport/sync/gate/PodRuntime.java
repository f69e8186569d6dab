package io.sallyport.sync.gate;

import io.fabric8.kubernetes.api.model.Pod;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;

/** A container runtime that has made a pod's cable. */
record PodRuntime(Path socket) {
    /** What the runtime's plugin sends, and what it is answered; empty where all is well. */
    String call(String command, Sandbox sandbox, Pod pod) throws Exception {
        String uid = pod.getMetadata().getUid();
        String text =
                """
                {"command":"%s","containerId":"c-%s","ifname":"eth0","timeoutMillis":20000,
                 "args":"K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_UID=%s",
                 "config":{"cniVersion":"1.0.0","name":"pods","type":"sallyport-cni",
                  "prevResult":{"cniVersion":"1.0.0",
                   "interfaces":[{"name":"%s"},{"name":"eth0","sandbox":"/run/netns/pod"}],
                   "ips":[{"address":"%s/30","interface":1},{"address":"%s/64","interface":1}]}}}
                """
                        .formatted(
                                command,
                                uid,
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                uid,
                                sandbox.interfaceName(),
                                sandbox.address4(),
                                sandbox.address6());
        Path body = Files.writeString(socket.resolveSibling("call.json"), text);
        Result answer =
                Netns.host(
                        "curl",
                        "-s",
                        "-m",
                        "30",
                        "--unix-socket",
                        socket.toString(),
                        "-H",
                        "Content-Type: application/json",
                        "--data-binary",
                        "@" + body,
                        "http://node/v1/cni");
        String output = answer.ok().output();
        return output.contains("\"code\"") ? output : "";
    }
}
