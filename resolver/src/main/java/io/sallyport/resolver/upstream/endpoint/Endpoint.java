package io.sallyport.resolver.upstream.endpoint;

import io.sallyport.resolver.name.WireName;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * One upstream server: plain DNS over UDP and TCP, or DNS over TLS.
 *
 * @param address an IP address and a port; names are not looked up: who should do it?
 * @param tls how to know the server; empty for plain DNS
 */
public record Endpoint(InetSocketAddress address, Optional<Tls> tls) {

    /**
     * What a server has to prove (RFC 8310, strict profile): that a certificate of a trusted
     * authority gives it this name, or that it holds one of these keys, or both.
     *
     * @param name the authentication domain name, lower-case; empty: the key alone counts
     * @param pins SHA-256 of acceptable public keys (SubjectPublicKeyInfo), in Base64; empty: any
     * @param authorities a PEM file with the authorities to trust; empty: those of the JDK
     */
    public record Tls(Optional<String> name, List<String> pins, Optional<Path> authorities) {
        /** Of a key in use, the next one and a reserve of each of several hosts. */
        private static final int MAX_PINS = 16;

        private static final int SHA_256 = 32;

        public Tls {
            pins = List.copyOf(pins);
            if (name.isEmpty() && pins.isEmpty()) {
                throw new IllegalArgumentException(
                        "needs the server's name, as in tls://192.0.2.53#dns.example, or the pin of its"
                                + " key, as in tls://192.0.2.53#;pin=sha256/…: who it is must be proven");
            }
            if (name.isEmpty() && authorities.isPresent()) {
                throw new IllegalArgumentException(
                        "names a file of authorities, but not the name that they should vouch for");
            }
            if (pins.size() > MAX_PINS) {
                throw new IllegalArgumentException("has more than " + MAX_PINS + " pins");
            }
            name.ifPresent(Tls::requireName);
            pins.forEach(Tls::requireDigest);
        }

        private static void requireName(String name) {
            WireName.parse(name);
            if (!name.matches("[a-z0-9._-]+")) {
                throw new IllegalArgumentException(
                        "has the name \"" + name + "\", which no certificate has");
            }
        }

        private static void requireDigest(String pin) {
            try {
                if (Base64.getDecoder().decode(pin).length == SHA_256) {
                    return;
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(notDigest(pin), e);
            }
            throw new IllegalArgumentException(notDigest(pin));
        }

        private static String notDigest(String pin) {
            return "has the pin \"" + pin + "\", which is not the Base64 of 32 octets";
        }
    }

    public Endpoint {
        if (address.isUnresolved()
                || address.getPort() == 0
                || address.getAddress().isAnyLocalAddress()
                || address.getAddress().isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "upstream "
                            + address
                            + " needs an IP address and a port, such as 192.0.2.53:53");
        }
    }

    /** A server that is asked in clear text. */
    public static Endpoint plain(InetSocketAddress address) {
        return new Endpoint(address, Optional.empty());
    }

    /**
     * Reads {@code 192.0.2.53}, {@code 192.0.2.53:5353}, {@code [2001:db8::53]:53}, {@code
     * tls://192.0.2.53#dns.example} or {@code
     * tls://192.0.2.53:853#dns.example;pin=sha256/…;ca=FILE}.
     *
     * @throws IllegalArgumentException with a sentence that a person can act on
     */
    public static Endpoint parse(String text) {
        return EndpointText.read(text);
    }

    /** The address and the name, without pins and files: what a metric or a log line shows. */
    @Override
    public String toString() {
        String host = address.getAddress().getHostAddress();
        String socket = (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
        return tls.map(secure ->
                        "tls://" + socket + secure.name().map(name -> "#" + name).orElse(""))
                .orElse(socket);
    }
}
