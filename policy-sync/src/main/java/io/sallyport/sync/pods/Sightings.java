package io.sallyport.sync.pods;

import io.sallyport.sync.cluster.Cluster.Pod;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The pods of this node, as the cluster told of them last. By their uid. */
final class Sightings {
    private final Map<String, Pod> pods = new HashMap<>();

    synchronized void replace(List<Pod> listed) {
        pods.clear();
        listed.forEach(pod -> pods.put(pod.uid(), pod));
        notifyAll();
    }

    synchronized void seen(Pod pod) {
        pods.put(pod.uid(), pod);
        notifyAll();
    }

    synchronized void gone(String uid) {
        pods.remove(uid);
    }

    synchronized Optional<Pod> get(String uid) {
        return Optional.ofNullable(pods.get(uid));
    }

    synchronized int count() {
        return pods.size();
    }

    /** The kubelet may have heard of a pod some milliseconds before this node. */
    synchronized Optional<Pod> await(String uid, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!pods.containsKey(uid)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return Optional.empty();
            }
            wait(left);
        }
        return get(uid);
    }
}
