package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.attribute.Attributes;
import io.sallyport.iptables.netlink.Netlink;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The number of the last change of the namespace's nftables, whoever made it. As long as it stays
 * the same, no rule was changed, and a list of thousands need not be read again.
 */
final class Generation {

    /** NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN. */
    private static final int GET = 10 << 8 | 16;

    private static final int AF_UNSPEC = 0;

    /** NFTA_GEN_ID, 32 bits in network order. */
    private static final int NUMBER = 1;

    private static final long UNKNOWN = -1;

    private final Netlink netlink;
    private final Tools tools;

    /** The older kind of rules has no such number; a program has to be asked which kind it is. */
    private @Nullable Boolean numbered;

    Generation(Netlink netlink, Tools tools) {
        this.netlink = netlink;
        this.tools = tools;
    }

    private synchronized boolean isNumbered() {
        if (numbered == null) {
            numbered = tools.writesNft();
        }
        return numbered;
    }

    /** Empty where the kernel does not tell. */
    OptionalLong now() {
        AtomicLong number = new AtomicLong(UNKNOWN);
        if (!isNumbered()
                || netlink.ask(
                                GET,
                                AF_UNSPEC,
                                new byte[0],
                                attributes ->
                                        Attributes.find(attributes, NUMBER)
                                                .map(Attributes::network)
                                                .ifPresent(number::set))
                        != 0) {
            return OptionalLong.empty();
        }
        return number.get() == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(number.get());
    }
}
