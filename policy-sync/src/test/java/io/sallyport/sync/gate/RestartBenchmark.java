package io.sallyport.sync.gate;

import io.sallyport.sync.gate.Asker.Question;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * How long a killed node is away, with many networks bound: from its new start to the first answer
 * and to "ready", and from the kill to the first answer where another process stands by; with 0
 * networks, how long a node takes on a host that has none of its rules. Run as root with the
 * classes of the tests, the node by the launcher that {@code sallyport.launcher} names:
 *
 * <pre>RestartBenchmark NETWORKS [ROUNDS]</pre>
 */
final class RestartBenchmark {
    private static final int CLIENTS = 8;
    private static final int PER_SECOND = 200;
    private static final List<String> OPTIONS =
            List.of("--upstream", World.UPSTREAM4, "--sandbox-interface", "sb+");

    /** Each question is a process, which takes its time from the node. */
    private static final int READY_EVERY_MILLIS = 50;

    private final Gate gate;
    private final Asker load;

    private RestartBenchmark(Gate gate, Asker load) {
        this.gate = gate;
        this.load = load;
    }

    public static void main(String[] arguments) throws Exception {
        int networks = Integer.parseInt(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        if (networks == 0) {
            onEmptyHosts(rounds);
            return;
        }
        try (Gate gate = Gate.in(World.start(), OPTIONS);
                Crowd crowd = new Crowd(gate)) {
            gate.admin("org", "create", "red");
            gate.admin("org", "allow", "red", ".red.example.com");
            Sandbox asking = gate.sandbox("sbr", "red");
            crowd.lay(networks - 1);
            var _ = crowd.startAll(0, networks - 1, CLIENTS, "red", new ConcurrentLinkedQueue<>());
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

    private static void onEmptyHosts(int rounds) throws Exception {
        Times ready = new Times("no network, the first start on a host, to ready");
        for (int round = 0; round < rounds; round++) {
            World world = World.start();
            Thread.sleep(3000);
            long begin = System.nanoTime();
            try (Gate _ = Gate.in(world, OPTIONS)) {
                ready.since(begin);
            }
        }
        ready.print();
    }

    private void run(int networks, int rounds) throws InterruptedException {
        Watch restarts = new Watch(networks + " networks, a start after kill -9");
        for (int round = 0; round < rounds; round++) {
            settle(networks);
            gate.kill();
            Thread start = Thread.ofPlatform().start(gate::restart);
            restarts.watch(System.nanoTime());
            start.join();
        }
        restarts.print();
        Watch standbys = new Watch(networks + " networks, another stands by, kill -9");
        for (int round = 0; round < rounds; round++) {
            Process next = gate.standBy();
            settle(networks);
            long killed = System.nanoTime();
            Thread kill = Thread.ofPlatform().start(gate::kill);
            kill.join(); // an answer that comes before its end is the old one's
            standbys.watch(killed);
            gate.isNow(next);
        }
        standbys.print();
        System.out.println(load.settled());
    }

    private void settle(int networks) throws InterruptedException {
        Thread.sleep(3000);
        if (gate.sessions().size() != networks || !gate.ready()) {
            throw new AssertionError("not all networks are there");
        }
    }

    /** From a moment to the next answer after now, and to ready. */
    private final class Watch {
        private final Times answered;
        private final Times ready;

        Watch(String what) {
            answered = new Times(what + ", to the first answer");
            ready = new Times(what + ", to ready");
        }

        void watch(long begin) {
            int good = load.counts().good();
            await(() -> load.counts().good() > good, 1);
            answered.since(begin);
            await(gate::ready, READY_EVERY_MILLIS);
            ready.since(begin);
        }

        void print() {
            answered.print();
            ready.print();
        }
    }

    private static void await(BooleanSupplier until, int everyMillis) {
        while (!until.getAsBoolean()) {
            try {
                Thread.sleep(everyMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}
