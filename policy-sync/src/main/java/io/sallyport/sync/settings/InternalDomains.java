package io.sallyport.sync.settings;

import com.google.common.base.Splitter;
import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.settings.Settings.Internal;
import java.util.List;
import java.util.stream.Stream;

/** Which blocks an internal domain may name. */
final class InternalDomains {
    static final int MAX_BLOCKS = 16; // a firewall rule each

    /** RFC 1918, RFC 6598 (many private overlays live there), RFC 4193. */
    private static final List<Cidr> PRIVATE =
            cidrs("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7");

    /**
     * Metadata services that stand inside of private space: Alibaba, AWS, Google, Scaleway, Oracle.
     */
    private static final List<Cidr> METADATA =
            cidrs(
                    "100.100.100.200",
                    "fd00:ec2::254",
                    "fd20:ce::254",
                    "fd00:42::42",
                    "fd00:c1::a9fe:a9fe");

    private InternalDomains() {}

    private static List<Cidr> cidrs(String... texts) {
        return Stream.of(texts).map(Cidr::parse).toList();
    }

    static Internal parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException(
                    "\""
                            + Lists.printable(text)
                            + "\" needs a pattern, an equals sign and private blocks, such as .corp.example=10.1.0.0/16");
        }
        return new Internal(
                DomainPattern.parse(text.substring(0, equals)),
                Splitter.on(',')
                        .trimResults()
                        .omitEmptyStrings()
                        .splitToStream(text.substring(equals + 1))
                        .map(Cidr::parse)
                        .toList());
    }

    static void check(DomainPattern pattern, List<Cidr> blocks) {
        if (!pattern.ports().isEmpty()) {
            throw new IllegalArgumentException(
                    "internal domain \""
                            + pattern
                            + "\" must have no port here; give the port to the allowed domain");
        }
        if (blocks.isEmpty() || blocks.size() > MAX_BLOCKS) {
            throw new IllegalArgumentException(
                    "internal domain \""
                            + pattern
                            + "\" needs 1 to "
                            + MAX_BLOCKS
                            + " private blocks, such as 10.1.0.0/16");
        }
        blocks.forEach(InternalDomains::check);
    }

    private static void check(Cidr block) {
        if (PRIVATE.stream().noneMatch(space -> covers(space, block))) {
            throw new IllegalArgumentException(
                    block
                            + " is not inside of private address space; an internal domain may"
                            + " name blocks of "
                            + String.join(", ", PRIVATE.stream().map(Cidr::toString).toList())
                            + ", never metadata, loopback or link-local addresses");
        }
        for (Cidr metadata : METADATA) {
            if (covers(block, metadata)) {
                throw new IllegalArgumentException(
                        block
                                + " holds "
                                + metadata
                                + ", a cloud's metadata service; write smaller blocks that leave it out");
            }
        }
    }

    private static boolean covers(Cidr outer, Cidr inner) {
        return inner.prefix() >= outer.prefix() && outer.contains(inner.network());
    }
}
