package io.sallyport.resolver.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.FakeUpstream;
import io.sallyport.resolver.upstream.Upstreams;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** KeyTrap (CVE-2023-50387) and its kin: the work is counted, and ends where an honest one does. */
class KeyTrapTest {
    private static final Name WWW = Name.fromConstantString("www.");
    private static final Record SOA =
            new SOARecord(Name.root, DClass.IN, 60, WWW, WWW, 1, 1, 1, 1, 60);
    private static final int INDETERMINATE = 5;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final HostileZone zone;
    private final RRset addresses;
    @TempDir private Path directory;

    KeyTrapTest() throws Exception {
        zone = new HostileZone();
        addresses = new RRset(new ARecord(WWW, DClass.IN, 300, address()));
    }

    private static InetAddress address() throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {93, (byte) 184, (byte) 216, 34});
    }

    @AfterEach
    void stopLoops() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void honestZoneOfTheSameMakingIsSecure() throws Exception {
        zone.keys(zone.key);
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first(), zone.sign(addresses));
        assertThat(ask(this::counted).authenticated()).isTrue();
    }

    /** RFC 4035 §5.3.3. */
    @Test
    void answerEndsWithItsSignature() throws Exception {
        zone.keys(zone.key);
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first(), zone.sign(addresses, 60));
        Answer answer = ask(this::counted);

        assertThat(answer.authenticated()).isTrue();
        assertThat(answer.ttl()).isBetween(1, 60);
    }

    /** An upstream may say what it likes about time: what was signed is less. */
    @Test
    void answerHasTheTimeThatWasSigned() throws Exception {
        RRset brief = new RRset(new ARecord(WWW, DClass.IN, 20, address()));
        zone.keys(zone.key);
        RRSIGRecord signature = zone.sign(brief);
        RRSIGRecord longer =
                new RRSIGRecord(
                        WWW,
                        DClass.IN,
                        300,
                        Type.A,
                        signature.getAlgorithm(),
                        signature.getOrigTTL(),
                        signature.getExpire(),
                        signature.getTimeSigned(),
                        signature.getFootprint(),
                        signature.getSigner(),
                        signature.getSignature());
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first(), longer);
        Answer answer = ask(this::counted);

        assertThat(answer.authenticated()).isTrue();
        assertThat(answer.ttl()).isEqualTo(20);
    }

    @Test
    void fewKeysMayShareATag() throws Exception {
        zone.keys(zone.key, zone.twin(1), zone.twin(2));
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first(), zone.sign(addresses));

        assertThat(ask(this::counted).authenticated()).isTrue();
    }

    /** dnsjava tries the first key of a tag only: a set in another order fails closed. */
    @Test
    void keyBehindItsTwinIsNotFound() throws Exception {
        zone.keys(zone.twin(1), zone.key);
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first(), zone.sign(addresses));

        assertThat(ask(this::counted).extendedError()).isEqualTo(6);
    }

    @Test
    void manyKeysThatShareATagAreNotTried() throws Exception {
        List<DNSKEYRecord> keys = new ArrayList<>(List.of(zone.key));
        for (int i = 0; i < 14; i++) {
            keys.add(zone.twin(i));
        }
        assertThat(keys.stream().map(DNSKEYRecord::getFootprint).distinct()).hasSize(1);
        zone.keys(keys.toArray(DNSKEYRecord[]::new));
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first(), zone.sign(addresses));
        Answer answer = ask(this::counted);

        assertThat(answer.rcode()).isEqualTo(2);
        assertThat(answer.extendedError()).isEqualTo(INDETERMINATE);
    }

    @Test
    void manySignaturesAreNotTried() throws Exception {
        zone.keys(zone.key);
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first());
        for (int i = 0; i < 60; i++) {
            zone.answer("www.", Type.A, 0, Section.ANSWER, zone.forge(addresses, i));
        }
        Answer answer = ask(this::counted);

        assertThat(answer.rcode()).isEqualTo(2);
        assertThat(answer.extendedError()).isEqualTo(INDETERMINATE);
    }

    @Test
    void wrongSignaturesBelowTheLimitAreBogus() throws Exception {
        zone.keys(zone.key);
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first());
        for (int i = 0; i < 8; i++) {
            zone.answer("www.", Type.A, 0, Section.ANSWER, zone.forge(addresses, i));
        }
        assertThat(ask(this::counted).extendedError()).isEqualTo(6);
    }

    /** What dnsjava takes for the end of the signed world is an upstream that hides the keys. */
    @Test
    void silenceAboutKeysIsAFailureAndNotAnUnsignedZone() throws Exception {
        for (boolean denied : new boolean[] {false, true}) {
            HostileZone silent = new HostileZone();
            if (denied) {
                silent.answer("www.", Type.A, 3, Section.AUTHORITY, SOA);
                silent.answer("www.", Type.A, 3, Section.AUTHORITY, silent.sign(new RRset(SOA)));
            } else {
                silent.answer(
                        "www.",
                        Type.A,
                        0,
                        Section.ANSWER,
                        addresses.first(),
                        silent.sign(addresses));
            }
            Answer answer = ask(silent, Duration.ofMillis(400), counters -> {});
            assertThat(answer.rcode()).as("denied: %s", denied).isEqualTo(2);
            assertThat(answer.extendedError()).isEqualTo(22);
        }
    }

    @Test
    void unsignedAnswerOfASignedRootIsBogus() throws Exception {
        zone.keys(zone.key);
        zone.answer("www.", Type.A, 0, Section.ANSWER, addresses.first());
        zone.answer("www.", Type.DS, 0, Section.AUTHORITY, SOA);
        zone.answer("www.", Type.DS, 0, Section.AUTHORITY, zone.sign(new RRset(SOA)));
        Answer answer = ask(this::counted);

        assertThat(answer.rcode()).isEqualTo(2);
        assertThat(answer.extendedError()).isBetween(6, 12);
    }

    @Test
    void moreThanMayBeUnderWayIsRefusedAtOnceAndNotKept() throws Exception {
        List<Consumer<Answer>> waiting = new ArrayList<>();
        try (Validator validator =
                new Validator(
                        Validator.Config.PUBLIC, (question, loop, then) -> waiting.add(then))) {
            EventLoop loop = group.next();
            List<Answer> told = new ArrayList<>();
            loop.submit(
                            () -> {
                                for (int i = 0; i < Validator.MAX_UNDER_WAY + 3; i++) {
                                    Question question = Packet.question("www.n" + i + ".com", 1);
                                    validator.ask(question, loop, told::add);
                                }
                            })
                    .get(5, TimeUnit.SECONDS);
            assertThat(told)
                    .hasSize(3)
                    .allMatch(answer -> answer.isFailure() && answer.ttl() == Answer.NEVER_KEPT);
            assertThat(waiting).hasSize(Validator.MAX_UNDER_WAY);

            Answer failure = Answer.serverFailure(22, "silent", System.nanoTime());
            loop.submit(() -> waiting.forEach(then -> then.accept(failure)))
                    .get(5, TimeUnit.SECONDS);
            Map<String, Long> counters = new TreeMap<>();
            validator.writeCounters(counters);
            assertThat(counters).containsEntry("sallyport_validations_under_way", 0L);
        }
    }

    @Test
    void oneDomainHoldsAFewPlacesAndGivesThemBack() throws Exception {
        List<Consumer<Answer>> waiting = new ArrayList<>();
        try (Validator validator =
                new Validator(
                        Validator.Config.PUBLIC, (question, loop, then) -> waiting.add(then))) {
            EventLoop loop = group.next();
            List<Answer> told = new ArrayList<>();
            Answer failure = Answer.serverFailure(22, "silent", System.nanoTime());
            loop.submit(
                            () -> {
                                for (int i = 0; i < Shares.MAX_A_DOMAIN + 3; i++) {
                                    Question question = Packet.question("n" + i + ".evil.com", 1);
                                    validator.ask(question, loop, told::add);
                                }
                                validator.ask(Packet.question("www.good.com", 1), loop, told::add);
                            })
                    .get(5, TimeUnit.SECONDS);
            assertThat(told).hasSize(3).allMatch(answer -> answer.ttl() == Answer.NEVER_KEPT);
            assertThat(waiting).hasSize(Shares.MAX_A_DOMAIN + 1);

            loop.submit(
                            () -> {
                                waiting.forEach(then -> then.accept(failure));
                                waiting.clear();
                                validator.ask(Packet.question("n.evil.com", 1), loop, told::add);
                            })
                    .get(5, TimeUnit.SECONDS);
            assertThat(waiting).hasSize(1);
        }
    }

    private void counted(Map<String, Long> counters) {
        assertThat(counters.get("sallyport_validation_checks_total"))
                .isLessThanOrEqualTo(Toll.MAX_CHECKS);
        assertThat(counters.get("sallyport_validation_queries_total")).isLessThanOrEqualTo(3);
    }

    private Answer ask(Consumer<Map<String, Long>> look) throws Exception {
        return ask(zone, Duration.ofSeconds(4), look);
    }

    private Answer ask(HostileZone served, Duration budget, Consumer<Map<String, Long>> look)
            throws Exception {
        try (FakeUpstream server = new FakeUpstream(served::reply)) {
            Upstreams upstreams =
                    new Upstreams(new Upstreams.Config(List.of(server.address()), budget, false));
            Validator.Config config =
                    new Validator.Config(Optional.of(served.anchor(directory)), List.of());
            try (Validator validator = new Validator(config, upstreams::ask)) {
                EventLoop loop = group.next();
                CompletableFuture<Answer> found = new CompletableFuture<>();
                Question www =
                        new Question(WireName.parse("www"), 1, false, false, AddressFilter.PUBLIC);
                loop.execute(() -> validator.ask(www, loop, found::complete));
                Answer answer = found.get(10, TimeUnit.SECONDS);
                Map<String, Long> counters = new TreeMap<>();
                validator.writeCounters(counters);
                look.accept(counters);
                return answer;
            }
        }
    }
}
