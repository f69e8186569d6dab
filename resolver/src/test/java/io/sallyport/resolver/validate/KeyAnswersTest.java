package io.sallyport.resolver.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

class KeyAnswersTest {
    private static final int DNSKEY = 48;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();

    @AfterEach
    void stopLoops() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void namesMadeToCollideDoNot() {
        KeyAnswers keys = new KeyAnswers((question, loop, then) -> {});
        List<String> labels = new ArrayList<>(List.of(""));
        for (int i = 0; i < 10; i++) { // 31 * 'a' + 'n' is 31 * 'c' + '0'
            labels =
                    labels.stream()
                            .flatMap(label -> List.of(label + "an", label + "c0").stream())
                            .toList();
        }
        Set<Integer> predictable = new HashSet<>();
        Set<Integer> keyed = new HashSet<>();
        for (String label : labels) {
            Question question = Packet.question(label + ".example", DNSKEY);
            predictable.add(question.name().hashCode());
            keyed.add(keys.key(question).hashCode());
        }

        assertThat(predictable).as("this many of 1024").hasSize(1);
        assertThat(keyed).hasSizeGreaterThan(1000);
    }

    @Test
    void failureIsNotAskedForAgainAtOnce() throws Exception {
        Answer failure = Answer.serverFailure(22, "silent", System.nanoTime());

        assertThat(askedTwice(failure)).isEqualTo(1);
    }

    @Test
    void failureOfOurOwnIsKeptNowhere() throws Exception {
        assertThat(askedTwice(Answer.overload("full", System.nanoTime()))).isEqualTo(2);
    }

    @Test
    void keysThatMayNotBeKeptServeTheValidationThatAskedForThem() throws Exception {
        assertThat(askedTwice(untimed())).as("by nobody in particular").isEqualTo(2);

        AtomicInteger asked = new AtomicInteger();
        Head head =
                new Head(
                        new KeyAnswers((question, loop, then) -> {
                            asked.incrementAndGet();
                            then.accept(untimed());
                        }),
                        List.of(),
                        () -> false);
        Question www = Packet.question("www.example", 1);
        Validation first = new Validation(www, loop, Runnable::run, answer -> {});
        head.sendAsync(query(), first).toCompletableFuture().get(5, TimeUnit.SECONDS);
        head.sendAsync(query(), first).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertThat(asked).hasValue(1);
        Validation second = new Validation(www, loop, Runnable::run, answer -> {});
        head.sendAsync(query(), second).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertThat(asked).hasValue(2);
    }

    @Test
    void inACrowdAValidationAsksEightTimes() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Head head =
                new Head(
                        new KeyAnswers((question, loop, then) -> {
                            asked.incrementAndGet();
                            then.accept(untimed());
                        }),
                        List.of(),
                        () -> true);
        Validation greedy =
                new Validation(
                        Packet.question("www.example", 1), loop, Runnable::run, answer -> {});
        for (int i = 0; i < 12; i++) {
            Name zone = Name.fromConstantString("z" + i + ".example.");
            Message query = Message.newQuery(Record.newRecord(zone, DNSKEY, DClass.IN));
            head.sendAsync(query, greedy)
                    .toCompletableFuture()
                    .handle((message, fault) -> 0)
                    .get(5, TimeUnit.SECONDS);
        }

        assertThat(asked).hasValue(8);
        assertThat(greedy.broken()).extracting(Answer::ttl).isEqualTo(Answer.NEVER_KEPT);
    }

    private int askedTwice(Answer answer) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        KeyAnswers keys =
                new KeyAnswers((question, on, then) -> {
                    asked.incrementAndGet();
                    then.accept(answer);
                });
        for (int i = 0; i < 2; i++) {
            Question question = Packet.question("example", DNSKEY);
            assertThat(keys.ask(question, loop).get(5, TimeUnit.SECONDS)).isSameAs(answer);
        }
        return asked.get();
    }

    private static Message query() {
        Name zone = Name.fromConstantString("example.");
        return Message.newQuery(Record.newRecord(zone, DNSKEY, DClass.IN));
    }

    private static Answer untimed() {
        return new Answer(
                0,
                false,
                0,
                0,
                new byte[0],
                new int[0],
                new int[0],
                0,
                System.nanoTime(),
                new byte[0][],
                Answer.NO_EXTENDED_ERROR,
                "");
    }
}
