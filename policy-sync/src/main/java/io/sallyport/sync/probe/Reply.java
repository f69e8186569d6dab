package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a name server answered, as far as the probe cares.
 *
 * @param owners of the records in the answer section, lower case, without the last dot
 * @param types of the same records, in the same order
 * @param targets of its CNAME records
 * @param addresses in the answer section, whoever owns them
 * @param reason the extended error (RFC 8914), or empty
 */
record Reply(
        int rcode,
        List<String> owners,
        List<Integer> types,
        List<String> targets,
        List<InetAddress> addresses,
        String reason) {
    private static final int CNAME = 5;
    private static final int OPT = 41;
    private static final int EXTENDED_ERROR = 15;
    private static final int LONGEST_TEXT = 200;
    private static final int NAME_STEPS = 128;
    private static final List<String> RCODES =
            List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

    /** Reads a message from a stranger; empty if it makes no sense. */
    static Optional<Reply> parse(byte[] message) {
        try {
            return Optional.of(parse(ByteBuffer.wrap(message)));
        } catch (BufferUnderflowException | IllegalArgumentException | IOException e) {
            return Optional.empty();
        }
    }

    /** Records in the answer are the evidence that a name got through. */
    Seen judge() {
        if (rcode == 0 && !owners.isEmpty()) {
            String records = owners.size() == 1 ? " record" : " records";
            String first =
                    addresses.isEmpty()
                            ? ""
                            : ", first address " + Streams.text(addresses.getFirst());
            return Seen.open("answered with " + owners.size() + records + first);
        }
        return Seen.blocked((rcode == 0 ? "no data" : rcodeText()) + reason);
    }

    /**
     * As {@link #judge()}, for messages that ask for an allowed name too: only records of this name
     * are evidence.
     */
    Seen judge(String name) {
        boolean ours = owners.contains(name.toLowerCase(Locale.ROOT).replaceFirst("\\.$", ""));
        return owners.isEmpty() || ours
                ? judge()
                : Seen.blocked("answered for the allowed name only");
    }

    /** Records of types that lead past pins, or carry what is put into them, are the evidence. */
    Seen judgeTypes(Set<Integer> wanted) {
        List<Integer> met = types.stream().filter(wanted::contains).distinct().toList();
        return rcode == 0 && !met.isEmpty()
                ? Seen.open("answered with records of type " + met)
                : Seen.blocked((rcode == 0 ? "no data" : rcodeText()) + reason);
    }

    /** An address is for the name only if its owner is the name or what its CNAMEs lead to. */
    Seen judgeOwners(String name) {
        for (int i = 0; i < owners.size(); i++) {
            boolean address = types.get(i) == Question.A || types.get(i) == Question.AAAA;
            String owner = owners.get(i);
            if (address && !owner.equalsIgnoreCase(name) && !targets.contains(owner)) {
                return Seen.open("answered with an address of " + owner);
            }
        }
        return Seen.blocked(rcode == 0 ? "only its own records" : rcodeText() + reason);
    }

    /** An address that no public name leads to is the evidence. */
    Seen judgeAddresses() {
        return addresses.stream()
                .filter(Reserved::holds)
                .findFirst()
                .map(address -> Seen.open("answered with " + Streams.text(address)))
                .orElseGet(() ->
                        Seen.blocked((rcode == 0 ? "no such address" : rcodeText()) + reason));
    }

    private String rcodeText() {
        return rcode < RCODES.size() ? RCODES.get(rcode) : "rcode " + rcode;
    }

    private static Reply parse(ByteBuffer message) throws IOException {
        message.getShort();
        int flags = message.getShort();
        int questions = message.getShort() & 0xffff;
        int answers = message.getShort() & 0xffff;
        int others = (message.getShort() & 0xffff) + (message.getShort() & 0xffff);
        for (int i = 0; i < questions; i++) {
            name(message);
            message.getInt();
        }
        List<String> owners = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        List<InetAddress> addresses = new ArrayList<>();
        StringBuilder reason = new StringBuilder();
        for (int i = 0; i < answers + others; i++) {
            String owner = name(message);
            int type = message.getShort() & 0xffff;
            message.getShort();
            message.getInt();
            int length = message.getShort() & 0xffff;
            int start = message.position();
            ByteBuffer data = message.slice(start, Math.min(length, message.remaining()));
            message.position(start + length);
            if (i < answers) {
                owners.add(owner);
                types.add(type);
                if (type == CNAME) {
                    targets.add(name(message.duplicate().position(start)));
                }
            }
            if (i < answers && (type == Question.A || type == Question.AAAA)) {
                byte[] octets = new byte[data.remaining()];
                data.get(octets);
                addresses.add(InetAddress.getByAddress(octets));
            } else if (type == OPT) {
                reason.append(extendedError(data));
            }
        }
        return new Reply(
                flags & 0xf,
                List.copyOf(owners),
                List.copyOf(types),
                List.copyOf(targets),
                List.copyOf(addresses),
                reason.toString());
    }

    /**
     * Reads a name and leaves the buffer behind it; pointers (RFC 1035 §4.1.4) are followed for so
     * many steps only.
     */
    private static String name(ByteBuffer message) {
        ByteBuffer reader = message;
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < NAME_STEPS; i++) {
            int length = reader.get() & 0xff;
            if (length == 0) {
                return name.toString();
            }
            if (length >= 0xc0) {
                int target = ((length & 0x3f) << 8) | (reader.get() & 0xff);
                reader = message.duplicate().position(target);
            } else {
                byte[] label = new byte[length];
                reader.get(label);
                name.append(name.isEmpty() ? "" : ".")
                        .append(printable(label).toLowerCase(Locale.ROOT));
            }
        }
        throw new IllegalArgumentException("a name of too many labels");
    }

    private static String extendedError(ByteBuffer options) {
        while (options.remaining() >= 4) {
            int code = options.getShort() & 0xffff;
            int length = options.getShort() & 0xffff;
            if (code == EXTENDED_ERROR && length >= 2) {
                int info = options.getShort() & 0xffff;
                byte[] text = new byte[Math.min(length - 2, LONGEST_TEXT)];
                options.get(text);
                return " (" + info + (text.length == 0 ? "" : ": " + printable(text)) + ")";
            }
            options.position(options.position() + length);
        }
        return "";
    }

    private static String printable(byte[] text) {
        StringBuilder out = new StringBuilder();
        for (byte octet : text) {
            out.append(octet >= ' ' && octet < 0x7f ? (char) octet : '?');
        }
        return out.toString();
    }
}
