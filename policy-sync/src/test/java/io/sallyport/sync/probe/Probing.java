package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A sandbox without rules in a world, and the probe run inside it. */
abstract class Probing {
    World world;
    Sandbox sandbox;

    @BeforeEach
    void start() {
        world = World.start();
        sandbox = world.sandbox("sb0").nameservers(World.UPSTREAM4);
    }

    @AfterEach
    void close() {
        world.close();
    }

    void rule(String... command) {
        world.host().run(command).ok();
    }

    Result probe(String... arguments) {
        return probe(List.of(), arguments);
    }

    Result probe(List<String> prefix, String... arguments) {
        Stream<String> targets =
                Stream.of(
                        "probe",
                        "--denied",
                        "denied.example.org",
                        "--target-address",
                        World.PUBLIC4 + "," + World.PUBLIC6);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                World.sallyport(
                        Stream.concat(targets, Stream.of(arguments)).toArray(String[]::new)));
        return sandbox.run(command.toArray(String[]::new));
    }

    static JsonNode report(Result result) {
        assertThat(result.output()).startsWith("{");
        return JsonMapper.shared().readTree(result.output());
    }

    static Set<String> ways(JsonNode report, String result) {
        Set<String> ways = new TreeSet<>();
        for (JsonNode way : report.at("/ways")) {
            if (way.at("/result").asString().equals(result)) {
                ways.add(way.at("/way").asString());
            }
        }
        return ways;
    }
}
