package io.sallyport.resolver.front;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.front.FrontCache.Hit;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.packet.FakeLookup;
import io.sallyport.resolver.packet.Packet;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.question.Question;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FrontCacheTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long HASH = 0x1234_5678_9abc_def0L;

    private final FrontCache front = new FrontCache();
    private final Answer answer = FakeLookup.addresses(2);
    private final long born = answer.bornNanos();
    private final Query query = query(Packet.query("www.allowed.example", Packet.A));

    private static Query query(Packet packet) {
        Query query = new Query();
        assertThat(query.read(Unpooled.wrappedBuffer(packet.octets()))).isEqualTo(Query.Gate.PASS);
        return query;
    }

    private static Question question(Query query, AddressFilter filter) {
        return new Question(
                WireName.ofLowered(query.lowered(), 0, query.nameLength()),
                query.type(),
                query.dnssec(),
                query.checkingDisabled(),
                filter);
    }

    private void keep(Answer kept) {
        front.put(HASH, question(query, AddressFilter.PUBLIC), kept, born);
    }

    private @Nullable Hit find(Query asked, long nowNanos) {
        return front.find(HASH, asked, AddressFilter.PUBLIC, nowNanos);
    }

    private Hit found(Query asked) {
        return Objects.requireNonNull(find(asked, born), "a hit");
    }

    @Test
    void findsWhatWasPutWhateverItsCase() {
        keep(answer);

        Hit hit = found(query(Packet.query("WWW.Allowed.EXAMPLE", Packet.A)));
        assertThat(hit.answer()).isSameAs(answer);
        assertThat(hit.name()).hasToString("www.allowed.example");
    }

    @Test
    void otherNamesTypesBitsAndFiltersAreMisses() {
        keep(answer);

        assertThat(find(query(Packet.query("ww2.allowed.example", Packet.A)), born)).isNull();
        assertThat(find(query(Packet.query("www.allowed.example", Packet.AAAA)), born)).isNull();
        Query dnssec =
                query(
                        Packet.header(0x0100, 1, 0, 0, 1)
                                .name("www.allowed.example")
                                .u16(Packet.A)
                                .u16(1)
                                .opt(1232, 0, 0x8000));
        assertThat(find(dnssec, born)).isNull();
        Query unchecked =
                query(
                        Packet.header(0x0110, 1, 0, 0, 0)
                                .name("www.allowed.example")
                                .u16(Packet.A)
                                .u16(1));
        assertThat(find(unchecked, born)).isNull();
        AddressFilter internal = new AddressFilter(List.of(Cidr.parse("10.0.0.0/8")));
        assertThat(front.find(HASH, query, internal, born)).isNull();
        assertThat(find(query, born)).isNotNull();
    }

    @Test
    void lastTenthOfTheTimeBelongsToTheSharedCache() {
        keep(answer);

        assertThat(find(query, born + 269 * SECOND)).isNotNull();
        assertThat(find(query, born + 270 * SECOND)).isNull();
    }

    @Test
    void oneHitInSixtyFourGoesToTheSharedCache() {
        keep(answer);

        int misses = 0;
        for (int i = 0; i < 640; i++) {
            misses += find(query, born) == null ? 1 : 0;
        }
        assertThat(misses).isEqualTo(10);
    }

    @Test
    void failuresStaleAndLargeAnswersAreNotKept() {
        keep(Answer.serverFailure(22, "no upstream answered", born));
        assertThat(find(query, born)).isNull();

        keep(answer.stale(30, born));
        assertThat(find(query, born)).isNull();

        keep(FakeLookup.text("a".repeat(200), 10));
        assertThat(find(query, born)).isNull();
    }

    @Test
    void newAnswerTakesThePlaceOfTheOldOne() {
        keep(answer);
        Answer newer = FakeLookup.addresses(3);
        keep(newer);

        assertThat(found(query).answer()).isSameAs(newer);
    }

    @Test
    void namesOfOneSetGetAlongAndTheOldestGivesWay() {
        for (int i = 0; i < 40; i++) {
            Query other = query(Packet.query("n" + i + ".allowed.example", Packet.A));
            front.put(HASH, question(other, AddressFilter.PUBLIC), answer, born);
        }
        int held = 0;
        for (int i = 0; i < 40; i++) {
            held +=
                    find(query(Packet.query("n" + i + ".allowed.example", Packet.A)), born) != null
                            ? 1
                            : 0;
        }
        assertThat(held).isEqualTo(4);
    }
}
