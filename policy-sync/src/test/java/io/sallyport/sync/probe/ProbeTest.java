package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The probe finds what is open and calls blocked what is not: in a sandbox without rules, and
 * behind real ones.
 */
@Needs({"nsd", "tcpdump", "unshare", "setpriv"})
class ProbeTest {
    private World world;
    private Sandbox sandbox;

    @BeforeEach
    void start() {
        world = World.start();
        sandbox = world.sandbox("sb0").nameservers(World.UPSTREAM4);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void findsEveryWayOpenWhereNothingGuards() {
        Result result = probe("--allowed", "www.example.com", "--json");
        assertThat(result.exit()).isEqualTo(1);
        JsonNode report = JsonMapper.shared().readTree(result.output());
        assertThat(report.at("/guarded").asBoolean(true)).isFalse();
        assertThat(report.at("/control/result").asString()).isEqualTo("open");
        System.out.println(report.toPrettyString());
        assertThat(ways(report, "blocked")).isEmpty();
    }

    private Result probe(String... arguments) {
        return probe(List.of(), arguments);
    }

    private Result probe(List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                World.sallyport(
                        Stream.concat(
                                        Stream.of(
                                                "probe",
                                                "--denied",
                                                "denied.example.org",
                                                "--target-address",
                                                World.PUBLIC4 + "," + World.PUBLIC6),
                                        Stream.of(arguments))
                                .toArray(String[]::new)));
        return sandbox.run(command.toArray(String[]::new));
    }

    private static Set<String> ways(JsonNode report, String result) {
        Set<String> ways = new TreeSet<>();
        for (JsonNode way : report.at("/ways")) {
            if (way.at("/result").asString().equals(result)) {
                ways.add(way.at("/way").asString());
            }
        }
        return ways;
    }
}
