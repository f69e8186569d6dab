package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools;
import io.sallyport.iptables.netlink.Netlink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

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

    private static final int HEADER = 4;
    private static final int TYPE_MASK = 0x3fff;
    private static final long UNKNOWN = -1;

    private final Netlink netlink;

    /** The older kind of rules has no such number. */
    private final boolean numbered;

    Generation(Netlink netlink, Tools tools) {
        this.netlink = netlink;
        this.numbered = tools.writesNft();
    }

    /** Empty where the kernel does not tell. */
    OptionalLong now() {
        AtomicLong number = new AtomicLong(UNKNOWN);
        if (!numbered || netlink.ask(GET, AF_UNSPEC, attributes -> read(attributes, number)) != 0) {
            return OptionalLong.empty();
        }
        return number.get() == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(number.get());
    }

    private static void read(ByteBuffer attributes, AtomicLong number) {
        int at = attributes.position();
        while (at + 2 * HEADER <= attributes.limit()) {
            int length = attributes.getShort(at) & 0xffff;
            if (length < HEADER) {
                return;
            }
            if ((attributes.getShort(at + 2) & TYPE_MASK) == NUMBER) {
                ByteBuffer value =
                        attributes.slice(at + HEADER, HEADER).order(ByteOrder.BIG_ENDIAN);
                number.set(value.getInt(0) & 0xffff_ffffL);
                return;
            }
            at += length + 3 & ~3;
        }
    }
}
