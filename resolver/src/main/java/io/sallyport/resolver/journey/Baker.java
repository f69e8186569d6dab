package io.sallyport.resolver.journey;

import io.sallyport.resolver.cookie.Cookies;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.journey.Journey.Client;
import io.sallyport.resolver.query.Query;

/** Puts the cookie that goes back to a client in the place of the one that came. */
final class Baker {
    private final Cookies cookies;
    private final Tally tally;
    private final byte[] scratch = new byte[Cookies.SCRATCH_OCTETS];

    Baker(Cookies cookies, Tally tally) {
        this.cookies = cookies;
        this.tally = tally;
    }

    void bake(Query query, Client client, long nowSeconds) {
        Cookies.Standing standing =
                cookies.answer(
                        query.cookie(),
                        query.cookieLength(),
                        client.addressHigh(),
                        client.addressLow(),
                        nowSeconds,
                        scratch);
        tally.add(
                switch (standing) {
                    case CLIENT_ONLY -> Count.COOKIE_NEW;
                    case GOOD -> Count.COOKIE_GOOD;
                    case AGEING -> Count.COOKIE_AGEING;
                    case BAD -> Count.COOKIE_BAD;
                });
    }
}
