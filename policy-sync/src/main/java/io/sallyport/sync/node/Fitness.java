package io.sallyport.sync.node;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.sync.cni.Cni;
import java.util.List;

/** The node as container runtimes ask for it. */
record Fitness(Readiness health, Firewall firewall) implements Cni.Health {
    @Override
    public List<String> readiness() {
        return health.faults();
    }

    @Override
    public List<String> inKernel() {
        return firewall.faults();
    }
}
