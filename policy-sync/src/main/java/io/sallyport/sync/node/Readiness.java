package io.sallyport.sync.node;

import io.sallyport.resolver.Resolver;
import io.sallyport.sync.api.NodeApi;
import java.util.ArrayList;
import java.util.List;

/** The rules as they are, and that there is somebody to ask. */
record Readiness(Reconciler reconciler, Resolver resolver) implements NodeApi.Rules {
    @Override
    public List<String> faults() {
        List<String> faults = new ArrayList<>(reconciler.faults());
        if (!resolver.hasHeardUpstream()) {
            faults.add("no upstream has answered yet");
        }
        return faults;
    }

    @Override
    public long repairs() {
        return reconciler.repairs();
    }
}
