package io.sallyport.resolver.cache;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.util.Map;
import java.util.TreeMap;

/** Questions and answers as small as they can be. */
final class Answers {
    private static final int[] END = {16};
    private static final int[] TTL = {6};

    private Answers() {}

    static Question question(String name) {
        return new Question(WireName.parse(name), 1, false, false, AddressFilter.PUBLIC);
    }

    /** One address. */
    static Answer address(int ttl, long born) {
        byte[] body = {
            (byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, (byte) ttl, 0, 4, 93, (byte) 184, (byte) 216, 34
        };
        byte[][] addresses = {{93, (byte) 184, (byte) 216, 34}};
        return new Answer(
                0, true, 1, 0, body, END.clone(), TTL.clone(), ttl, born, addresses, -1, "");
    }

    /** NXDOMAIN or NODATA with a SOA of the usual size. */
    static Answer denial(int rcode, int ttl, long born) {
        return new Answer(
                rcode,
                false,
                0,
                1,
                new byte[70],
                new int[] {70},
                TTL.clone(),
                ttl,
                born,
                new byte[0][],
                -1,
                "");
    }

    static Answer failure(int extendedError, long born) {
        return Answer.serverFailure(extendedError, "silent", born);
    }

    static long counter(AnswerCache cache, String name) {
        Map<String, Long> counters = new TreeMap<>();
        cache.writeCounters(counters);
        return counters.getOrDefault("sallyport_cache_" + name, -1L);
    }
}
