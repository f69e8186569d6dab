package io.sallyport.sync.gate;

import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.gate.Asker.Question;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * How long a killed node is away, with many networks bound: from its new start to the first answer
 * and to "ready", and from the kill to the first answer where another process stands by. Run as
 * root with the classes of the tests, the node by the launcher that {@code sallyport.launcher}
 * names:
 *
 * <pre>RestartBenchmark NETWORKS [ROUNDS]</pre>
 */
final class RestartBenchmark {
    private static final double MILLION = 1e6;
    private static final int PER_SECOND = 200;

    private final Gate gate;
    private final Asker load;
    private final List<Double> answered = new ArrayList<>();
    private final List<Double> ready = new ArrayList<>();

    private RestartBenchmark(Gate gate, Asker load) {
        this.gate = gate;
        this.load = load;
    }

    public static void main(String[] arguments) throws Exception {
        int networks = Integer.parseInt(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        List<String> options = List.of("--upstream", World.UPSTREAM4, "--sandbox-interface", "sb+");
        try (Gate gate = Gate.in(World.start(), options);
                Crowd crowd = new Crowd(gate)) {
            gate.admin("org", "create", "red");
            gate.admin("org", "allow", "red", ".red.example.com");
            Sandbox asking = gate.sandbox("sbr", "red");
            fill(crowd, networks - 1);
            List<Question> questions =
                    IntStream.rangeClosed(1, 40)
                            .mapToObj(i -> new Question(Site.of("red", i), true))
                            .toList();
            try (Asker load =
                    new Asker(
                                    "red",
                                    new Ledger(),
                                    Asker.socket(gate.world(), asking.netns(), asking.address4()))
                            .steadily(PER_SECOND, questions)) {
                new RestartBenchmark(gate, load).run(networks, rounds);
            }
        }
    }

    private static void fill(Crowd crowd, int networks)
            throws IOException, InterruptedException, NodeClient.Refused {
        crowd.lay(networks);
        for (int i = 0; i < networks; i++) {
            crowd.start(i, "red");
        }
    }

    private void run(int networks, int rounds) throws InterruptedException {
        for (int round = 0; round < rounds; round++) {
            settle(networks);
            gate.kill();
            Thread start = Thread.ofPlatform().start(gate::restart);
            watch();
            start.join();
        }
        print(networks + " networks, a start after kill -9, to the first answer", answered);
        print(networks + " networks, a start after kill -9, to ready", ready);
        answered.clear();
        ready.clear();
        for (int round = 0; round < rounds; round++) {
            Process next = gate.standBy();
            settle(networks);
            Thread kill = Thread.ofPlatform().start(gate::kill);
            kill.join();
            watch();
            gate.isNow(next);
        }
        print(networks + " networks, another stands by, kill -9 to the first answer", answered);
        print(networks + " networks, another stands by, kill -9 to ready", ready);
        System.out.println(load.settled());
    }

    private void settle(int networks) throws InterruptedException {
        Thread.sleep(3000);
        if (gate.sessions().size() != networks || !gate.ready()) {
            throw new AssertionError("not all networks are there");
        }
    }

    private void watch() {
        long begin = System.nanoTime();
        int good = load.counts().good();
        answered.add(passed(begin, () -> load.counts().good() > good));
        ready.add(passed(begin, gate::ready));
    }

    private static double passed(long begin, BooleanSupplier until) {
        while (!until.getAsBoolean()) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
        return (System.nanoTime() - begin) / MILLION;
    }

    private static void print(String what, List<Double> millis) {
        List<Double> sorted = millis.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "%s: median %.0f ms, most %.0f ms%n",
                what,
                sorted.get(sorted.size() / 2),
                sorted.getLast());
    }
}
