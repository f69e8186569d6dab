package io.sallyport.resolver.validate;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.xbill.DNS.Message;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** For how long signatures vouch for what they came with. */
final class Span {
    private Span() {}

    /**
     * RFC 4035 §5.3.3: seconds, no more than the TTL that was signed, and none behind the
     * expiration. A signature that had expired before it came has vouched for nothing, and does not
     * count.
     *
     * @param octets a message that was written by ourselves
     */
    static int seconds(byte[] octets, int most, Instant came, Instant now) throws IOException {
        long least = most;
        Message message = new Message(octets);
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
            for (Record each : message.getSection(section)) {
                if (each instanceof RRSIGRecord signature && !came.isAfter(signature.getExpire())) {
                    long left = Duration.between(now, signature.getExpire()).toSeconds();
                    least = Math.min(least, Math.min(signature.getOrigTTL(), left));
                }
            }
        }
        return (int) Math.max(0, least);
    }
}
