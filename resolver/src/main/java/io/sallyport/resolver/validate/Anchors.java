package io.sallyport.resolver.validate;

import io.sallyport.resolver.name.WireName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.TrustAnchorStore;

/** Where trust begins, and where it is not asked for. */
final class Anchors {
    private static final int RSASHA256 = 8;
    private static final int SHA256 = 2;

    /** The root's key signing keys of 2017 and 2024, as IANA publishes their digests. */
    private static final int KSK_2017 = 20326;

    private static final String KSK_2017_DIGEST =
            "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d";
    private static final int KSK_2024 = 38696;
    private static final String KSK_2024_DIGEST =
            "683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16";

    /** Of no algorithm and no digest that anybody knows: a zone under it counts as unsigned. */
    private static final int UNKNOWN = 255;

    private static final int ANY_ALGORITHM = 253; // private, RFC 4034 §A.1.1

    private Anchors() {}

    /** The root's keys, unless the file has others for the root. */
    static void load(TrustAnchorStore store, Validator.Config config) {
        config.anchors().ifPresent(file -> read(file).forEach(store::store));
        if (store.find(Name.root, DClass.IN) == null) {
            RRset root = new RRset(ds(Name.root, KSK_2017, RSASHA256, SHA256, KSK_2017_DIGEST));
            root.addRR(ds(Name.root, KSK_2024, RSASHA256, SHA256, KSK_2024_DIGEST));
            store.store(root);
        }
        for (WireName name : config.negativeAnchors()) {
            store.store(new RRset(ds(name(name), 1, ANY_ALGORITHM, UNKNOWN, "00")));
        }
    }

    /** What stands where a zone's keys would, so that nobody has to be asked for them. */
    static Record noKey(Name zone) {
        return new DNSKEYRecord(
                zone,
                DClass.IN,
                0,
                DNSKEYRecord.Flags.ZONE_KEY,
                DNSKEYRecord.Protocol.DNSSEC,
                ANY_ALGORITHM,
                new byte[] {1});
    }

    static Name name(WireName name) {
        try {
            return new Name(name.octets());
        } catch (IOException e) {
            throw new IllegalStateException("a wire name is not one", e);
        }
    }

    static WireName name(Name name) {
        byte[] octets = name.toWireCanonical();
        return WireName.ofLowered(octets, 0, octets.length);
    }

    private static DSRecord ds(Name owner, int tag, int algorithm, int digest, String octets) {
        return new DSRecord(
                owner, DClass.IN, 0, tag, algorithm, digest, HexFormat.of().parseHex(octets));
    }

    private static List<RRset> read(Path file) {
        List<RRset> sets = new ArrayList<>();
        try (Master master = new Master(Files.newInputStream(file), Name.root, 0)) {
            for (Record next = master.nextRecord(); next != null; next = master.nextRecord()) {
                add(sets, next, file);
            }
        } catch (TextParseException e) {
            throw new IllegalArgumentException(
                    "trust anchors in " + file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("trust anchors cannot be read from " + file, e);
        }
        if (sets.isEmpty()) {
            throw new IllegalArgumentException(
                    file + " has no trust anchor; a line is like \". IN DS 20326 8 2 E06D44…\"");
        }
        return sets;
    }

    private static void add(List<RRset> sets, Record anchor, Path file) {
        if (anchor.getType() != Type.DS && anchor.getType() != Type.DNSKEY) {
            throw new IllegalArgumentException(
                    file
                            + " has a record of type "
                            + Type.string(anchor.getType())
                            + "; trust anchors are DS or DNSKEY");
        }
        for (RRset set : sets) {
            if (set.getName().equals(anchor.getName())) {
                if (set.getType() != anchor.getType()) {
                    throw new IllegalArgumentException(
                            file + " has both DS and DNSKEY for " + anchor.getName());
                }
                set.addRR(anchor);
                return;
            }
        }
        sets.add(new RRset(anchor));
    }
}
