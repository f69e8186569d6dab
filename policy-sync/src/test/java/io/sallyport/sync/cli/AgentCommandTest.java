package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The agent commands as a person runs them. */
final class AgentCommandTest extends CommandTest {
    @Test
    void agentsAreSwitchedAndListed() {
        assertThat(run("agent list --org acme").out()).contains("all may run code");
        assertThat(run("agent set reporter --org acme --code-execution off --by ann").out())
                .contains("code execution off");
        assertThat(run("agent set reporter --org acme --code-execution off").out())
                .startsWith("nothing changed");
        assertThat(run("agent list --org acme").out()).contains("reporter", "off", "by ann");
        assertThat(
                        json("agent set reporter --org acme --code-execution on")
                                .required("changed")
                                .flag())
                .isTrue();
    }

    @Test
    void theSwitchOfAnAgentIsApartFromTheOrgsSettings() {
        run("org set acme --internet off");
        assertThat(run("agent set reporter --org acme --code-execution on").out())
                .startsWith("nothing changed");
        run("agent set reporter --org acme --code-execution off");
        assertThat(json("org show acme").required("version").number(2, 2)).isEqualTo(2);
        run("org set acme --internet on");
        assertThat(run("agent list --org acme").out()).contains("reporter", "off");
    }
}
