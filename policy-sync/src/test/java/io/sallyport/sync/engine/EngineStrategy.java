package io.sallyport.sync.engine;

import java.net.URI;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.TransportConfig;

/** Tells Testcontainers of the engine that a test has started; found as a service. */
public final class EngineStrategy extends DockerClientProviderStrategy {
    /** Before whatever engine this machine may have. */
    private static final int FIRST = 10_000;

    private static volatile String host = "";

    static void use(String url) {
        host = url;
    }

    @Override
    public TransportConfig getTransportConfig() {
        return TransportConfig.builder().dockerHost(URI.create(host)).build();
    }

    @Override
    public String getDescription() {
        return "the engine of this test";
    }

    @Override
    protected boolean isApplicable() {
        return !host.isEmpty();
    }

    @Override
    protected int getPriority() {
        return FIRST;
    }

    @Override
    protected boolean isPersistable() {
        return false;
    }
}
