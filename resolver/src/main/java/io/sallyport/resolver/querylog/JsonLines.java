package io.sallyport.resolver.querylog;

import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.name.WireName;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A JSON object a line, its keys in alphabetical order. */
final class JsonLines implements Format {
    private static final String[] RCODES = {
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"
    };

    @Override
    public byte[] beginning() {
        return new byte[0];
    }

    @Override
    public byte[] end() {
        return new byte[0];
    }

    @Override
    public boolean continues() {
        return true;
    }

    @Override
    public void write(Entry entry, ByteArrayOutputStream out) {
        Outcome decision = entry.decision();
        StringBuilder line = new StringBuilder(256).append('{');
        text(line, "client", client(entry.address()));
        text(line, "decision", decision.verdict());
        line.append("\"format\":1,");
        line.append("\"micros\":").append(TimeUnit.NANOSECONDS.toMicros(entry.nanos())).append(',');
        int end = entry.questionEnd();
        if (end > Entry.HEADER) {
            text(line, "name", name(entry.message(), end));
        }
        text(line, "network", entry.network());
        text(line, "origin", entry.origin().name().toLowerCase(Locale.ROOT));
        text(line, "proto", entry.tcp() ? "tcp" : "udp");
        text(line, "rcode", rcode(entry.rcode()));
        text(line, "reason", decision.reason());
        text(line, "time", entry.at().truncatedTo(ChronoUnit.MICROS).toString());
        if (end > Entry.HEADER) {
            byte[] message = entry.message();
            text(line, "type", type((message[end - 4] & 0xff) << 8 | (message[end - 3] & 0xff)));
        }
        line.setLength(line.length() - 1);
        out.writeBytes(line.append("}\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Lower-case, unusual octets escaped; the client's spelling is in dnstap. */
    private static String name(byte[] message, int end) {
        byte[] lowered = new byte[end - 4 - Entry.HEADER];
        for (int i = 0; i < lowered.length; i++) {
            lowered[i] = WireName.lower(message[Entry.HEADER + i]);
        }
        return WireName.ofLowered(lowered, 0, lowered.length).toString();
    }

    private static void text(StringBuilder line, String key, String value) {
        line.append('"').append(key).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ') {
                line.append("\\u%04x".formatted((int) c));
            } else {
                line.append(c);
            }
        }
        line.append("\",");
    }

    private static String client(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 octets are an address", e);
        }
    }

    private static String rcode(int rcode) {
        return rcode < RCODES.length ? RCODES[rcode] : rcode == 16 ? "BADVERS" : "RCODE" + rcode;
    }

    /** Others as RFC 3597 §5 has them. */
    private static String type(int type) {
        return switch (type) {
            case 1 -> "A";
            case 2 -> "NS";
            case 5 -> "CNAME";
            case 6 -> "SOA";
            case 12 -> "PTR";
            case 15 -> "MX";
            case 16 -> "TXT";
            case 28 -> "AAAA";
            case 33 -> "SRV";
            case 43 -> "DS";
            case 48 -> "DNSKEY";
            case 64 -> "SVCB";
            case 65 -> "HTTPS";
            case 255 -> "ANY";
            case 257 -> "CAA";
            default -> "TYPE" + type;
        };
    }
}
