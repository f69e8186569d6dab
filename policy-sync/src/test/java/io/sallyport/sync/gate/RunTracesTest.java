package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What {@code sallyport run} leaves on the host: nothing, however it ends. */
@Needs({"nsd", "curl", "tcpdump", "unshare", "sysctl", "ip6tables"})
class RunTracesTest extends Runs {
    @Test
    void leavesTheHostAsItWas() {
        String before = state();

        run(List.of("--allow", ".example.com"), "curl -sS http://www.example.com/");

        assertThat(state()).isEqualTo(before);
    }

    @Test
    void whatAKilledRunLeftIsClosedAndTheNextOneRemovesIt() throws Exception {
        String before = state();
        Process killed =
                asHost(command(List.of("--allow", ".example.com"), "echo started; exec sleep 100"))
                        .redirectErrorStream(true)
                        .start();
        assertThat(killed.inputReader().readLine()).isEqualTo("started");
        killed.destroyForcibly().waitFor();
        assertThat(state()).contains("SALLYPORT");

        run(List.of(), "true");

        assertThat(state()).isEqualTo(before);
    }

    @Test
    void settingThatTwoRunsNeedIsPutBackByTheLastOne() throws Exception {
        world.host().run("sysctl", "-qw", "net.ipv4.conf.all.forwarding=0").ok();
        String before = state();
        Process first = waiting("echo up; read -r go");
        Process second =
                waiting("echo up; read -r go; curl -sS -m 3 http://www.example.com/ || echo cut");

        end(first);
        second.outputWriter().write("go\n");
        second.outputWriter().flush();

        assertThat(second.inputReader().readLine()).startsWith("internet for ");
        end(second);
        assertThat(state()).isEqualTo(before);
    }

    private Process waiting(String script) throws IOException {
        Process run =
                asHost(command(List.of("--allow", ".example.com"), script))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(run.inputReader().readLine()).isEqualTo("up");
        return run;
    }

    private static void end(Process run) throws Exception {
        run.getOutputStream().close();
        assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void runThatIsStoppedWhileItIsMadeLeavesNothing() throws Exception {
        String before = state();
        for (int millis = 300; millis <= 1500; millis += 300) {
            Process run = asHost(command(List.of(), "sleep 100")).redirectErrorStream(true).start();
            Thread.sleep(millis);
            run.destroy();

            assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(state()).as("stopped after %d ms", millis).isEqualTo(before);
        }
    }
}
