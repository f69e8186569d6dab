package io.sallyport.resolver.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.Upstreams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 4035, 5155, 6840 and 9276 against zones that BIND's tools signed. */
class SignedZonesTest {
    private static final MultiThreadIoEventLoopGroup GROUP =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    private static SignedZones zones;
    private static Upstreams upstreams;
    private static Validator validator;

    @BeforeAll
    static void sign(@TempDir Path directory) throws Exception {
        zones = new SignedZones(directory);
        upstreams = new Upstreams(Upstreams.Config.of(List.of(zones.address())));
        validator = validator(List.of());
    }

    @AfterAll
    static void stop() throws Exception {
        GROUP.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        if (zones != null) {
            validator.close();
            zones.close();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # name                  | type | rcode | AD    | EDE | addresses
                    www.good.test           | 1    | 0     | true  | -1  | 1
                    www.good.test           | 28   | 0     | true  | -1  | 1
                    www.good.test           | 16   | 0     | true  | -1  | 0
                    nothing.good.test       | 1    | 3     | true  | -1  | 0
                    any.wild.good.test      | 1    | 0     | true  | -1  | 1
                    any.wild.good.test      | 28   | 0     | true  | -1  | 0
                    alias.good.test         | 1    | 0     | true  | -1  | 1
                    gone.good.test          | 1    | 3     | true  | -1  | 0
                    www.tree.good.test      | 1    | 0     | true  | -1  | 1
                    good.test               | 43   | 0     | true  | -1  | 0
                    good.test               | 48   | 0     | true  | -1  | 0
                    .                       | 6    | 0     | true  | -1  | 0
                    www.n3.test             | 1    | 0     | true  | -1  | 1
                    www.n3.test             | 16   | 0     | true  | -1  | 0
                    er.n3.test              | 1    | 0     | true  | -1  | 0
                    nothing.n3.test         | 1    | 3     | true  | -1  | 0
                    www.iterated.test       | 1    | 0     | true  | -1  | 1
                    nothing.iterated.test   | 1    | 3     | false | -1  | 0
                    www.sub.optout.test     | 1    | 0     | false | -1  | 1
                    www.insecure.test       | 1    | 0     | false | -1  | 1
                    nothing.insecure.test   | 1    | 3     | false | -1  | 0
                    insecure.test           | 43   | 0     | true  | -1  | 0
                    nothing.test            | 1    | 3     | true  | -1  | 0
                    www.bogus.test          | 1    | 2     | false | 6   | 0
                    www.expired.test        | 1    | 2     | false | 7   | 0
                    nothing.expired.test    | 1    | 2     | false | 7   | 0
                    www.early.test          | 1    | 2     | false | 8   | 0
                    www.stripped.test       | 1    | 2     | false | 10  | 0
                    nothing.undenied.test   | 1    | 2     | false | 6   | 0
                    www.undenied.test       | 16   | 2     | false | 12  | 0
                    www.keyless.test        | 1    | 2     | false | 9   | 0
                    """)
    void everyKindOfZone(
            String name, int type, int rcode, boolean authentic, int extendedError, int addresses)
            throws Exception {
        Answer answer = ask(validator, question(name, type, false, false));

        assertThat(answer.rcode()).isEqualTo(rcode);
        assertThat(answer.authenticated()).isEqualTo(authentic);
        assertThat(answer.extendedError()).isEqualTo(extendedError);
        assertThat(answer.addresses().length).isEqualTo(addresses);
        assertThat(answer.ttl()).isLessThanOrEqualTo(300);
    }

    @Test
    void signaturesGoToThoseWhoAskForThem() throws Exception {
        Answer plain = ask(validator, question("www.good.test", 1, false, false));
        Answer signed = ask(validator, question("www.good.test", 1, true, false));

        assertThat(plain.answers()).isEqualTo(1);
        assertThat(signed.answers()).isEqualTo(2);
        assertThat(signed.authenticated()).isTrue();
    }

    /** RFC 4035 §3.2.2. */
    @Test
    void checkingDisabledIsToldEverythingAndPromisedNothing() throws Exception {
        Answer answer = ask(validator, question("www.bogus.test", 1, true, true));

        assertThat(answer.rcode()).isZero();
        assertThat(answer.authenticated()).isFalse();
        assertThat(answer.addresses()).hasDimensions(1, 4);
    }

    /** A signature covers the whole set: what may not be told is taken out behind the validator. */
    @Test
    void privateAddressOfASignedSetIsTakenOut() throws Exception {
        Answer answer = ask(validator, question("mixed.good.test", 1, false, false));

        assertThat(answer.rcode()).isZero();
        assertThat(answer.addresses()).isEqualTo(new byte[][] {{93, (byte) 184, (byte) 216, 34}});
        assertThat(answer.authenticated()).as("what is left is not the set").isFalse();
    }

    @Test
    void largeSignedSetIsValidatedWholeAndCutAfterwards() throws Exception {
        Answer answer = ask(validator, question("big.good.test", 1, false, false));

        assertThat(answer.rcode()).isZero();
        assertThat(answer.addresses().length).isEqualTo(64);
    }

    /** RFC 7646. */
    @Test
    void negativeTrustAnchorLetsABrokenZonePassUnsigned() throws Exception {
        try (Validator lenient =
                validator(
                        List.of(
                                WireName.parse("expired.test"),
                                WireName.parse("keyless.test"),
                                WireName.parse("insecure.test")))) {
            for (String name :
                    List.of("www.expired.test", "www.keyless.test", "www.insecure.test")) {
                Answer answer = ask(lenient, question(name, 1, false, false));
                assertThat(answer.rcode()).as(name).isZero();
                assertThat(answer.authenticated()).as(name).isFalse();
            }
            assertThat(ask(lenient, question("www.bogus.test", 1, false, false)).rcode())
                    .isEqualTo(2);
            assertThat(ask(lenient, question("www.good.test", 1, false, false)).authenticated())
                    .isTrue();
        }
    }

    /** Zones below a private root are bogus to those who trust the public one only. */
    @Test
    void publicRootDoesNotVouchForAPrivateOne() throws Exception {
        try (Validator strict = new Validator(Validator.Config.PUBLIC, upstreams::ask)) {
            Answer answer = ask(strict, question("www.good.test", 1, false, false));

            assertThat(answer.rcode()).isEqualTo(2);
            assertThat(answer.extendedError()).isBetween(6, 12);
        }
    }

    @Test
    void keysAreAskedForOnce() throws Exception {
        List<Question> asked = Collections.synchronizedList(new ArrayList<>());
        Validator.Config config = new Validator.Config(Optional.of(zones.anchor()), List.of());
        try (Validator fresh =
                new Validator(
                        config,
                        (question, loop, then) -> {
                            asked.add(question);
                            upstreams.ask(question, loop, then);
                        })) {
            for (String name : List.of("www", "alias", "a.wild", "b.wild", "c.wild")) {
                ask(fresh, question(name + ".good.test", 1, false, false));
            }
            ask(fresh, question("www.n3.test", 1, false, false));
            Map<String, Long> counters = new TreeMap<>();
            fresh.writeCounters(counters);
            assertThat(counters)
                    .containsEntry("sallyport_validations_secure_total", 6L)
                    .containsEntry("sallyport_validations_under_way", 0L);
        }
        assertThat(asked).doesNotHaveDuplicates();
        assertThat(asked).as("keys of four zones, delegations to three").hasSize(6 + 4 + 3);
    }

    private static Validator validator(List<WireName> negative) {
        return new Validator(
                new Validator.Config(Optional.of(zones.anchor()), negative), upstreams::ask);
    }

    private static Question question(String name, int type, boolean dnssec, boolean unchecked) {
        return new Question(WireName.parse(name), type, dnssec, unchecked, AddressFilter.PUBLIC);
    }

    private static Answer ask(Validator validator, Question question) throws Exception {
        EventLoop loop = GROUP.next();
        CompletableFuture<Answer> found = new CompletableFuture<>();
        loop.execute(() -> validator.ask(question, loop, found::complete));
        return found.get(10, TimeUnit.SECONDS);
    }
}
