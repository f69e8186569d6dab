package io.sallyport.sync.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One connection that stays open: the least that a client costs, so that the server is measured.
 */
final class Line implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final String token;

    private Line(Socket socket, String token) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.token = token;
    }

    static Line open(URI server, Path authority, String token) throws Exception {
        InetAddress address = InetAddress.ofLiteral(server.getHost());
        Socket socket =
                server.getScheme().equals("https")
                        ? trusting(authority)
                                .getSocketFactory()
                                .createSocket(address, server.getPort())
                        : new Socket(address, server.getPort());
        socket.setTcpNoDelay(true);
        return new Line(socket, token);
    }

    private static SSLContext trusting(Path authority) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(authority)) {
            trusted.setCertificateEntry(
                    "control", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    void get(String path) throws IOException {
        send("GET " + path, "", "");
    }

    void post(String path, String json) throws IOException {
        String about =
                "Content-Type: application/json\r\nContent-Length: " + json.length() + "\r\n";
        send("POST " + path, about, json);
    }

    private void send(String line, String headers, String body) throws IOException {
        String request =
                line
                        + " HTTP/1.1\r\nHost: control\r\nAuthorization: Bearer "
                        + token
                        + "\r\n"
                        + headers
                        + "\r\n"
                        + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String status = line();
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(line + " is answered with " + status);
        }
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(lower.indexOf(':') + 1).strip());
            }
        }
        in.skipNBytes(length);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new IOException("the server hung up");
            }
            if (octet != '\r') {
                line.append((char) octet);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
