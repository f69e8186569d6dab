package io.sallyport.sync.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** The engine that other tests rely on. */
@Needs({"dockerd", "docker", "busybox", "curl", "dig"})
class EngineTest {
    @Test
    void runsContainersInItsOwnNamespaceAlsoAfterACrash() {
        try (Netns netns = Netns.create("engine");
                Engine engine = Engine.start(netns::entered).tools()) {
            try (GenericContainer<?> container =
                    new GenericContainer<>(DockerImageName.parse(Engine.TOOLS))
                            .withImagePullPolicy(name -> false)) {
                container.start();
                assertThat(container.execInContainer("cat", "/etc/hostname").getStdout().strip())
                        .isEqualTo(container.getContainerId().substring(0, 12));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            engine.docker("run", "-d", "--name", "again", "--restart=always", Engine.TOOLS).ok();
            assertThat(netns.run("ip", "-br", "link").output()).contains("docker0", "veth");

            engine.restart(true);

            assertThat(engine.docker("exec", "again", "busybox", "echo", "here").ok().output())
                    .contains("here");
        }
    }
}
