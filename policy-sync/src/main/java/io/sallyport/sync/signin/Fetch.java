package io.sallyport.sync.signin;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPRequest.Method;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks a provider, for so long and for so much and no more; redirects are not followed. */
final class Fetch implements HTTPRequestSender, AutoCloseable {
    /** From the first packet to the last octet; a person waits for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Keys of the largest providers are some 20 kB; ID tokens with many groups as much. */
    private static final long MAX_OCTETS = 256 << 10;

    private final HttpClient client;
    private final Duration patience;

    private Fetch(HttpClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    static Fetch open(Optional<Path> authorities) throws IOException {
        return open(authorities, PATIENCE);
    }

    static Fetch open(Optional<Path> authorities, Duration patience) throws IOException {
        HttpClient.Builder client =
                HttpClient.newBuilder()
                        .version(Version.HTTP_1_1)
                        .followRedirects(Redirect.NEVER)
                        .connectTimeout(patience);
        if (authorities.isPresent()) {
            client.sslContext(trusting(authorities.get()));
        }
        return new Fetch(client.build(), patience);
    }

    private static SSLContext trusting(Path file) throws IOException {
        try (InputStream pem = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate authority :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("authority-" + number++, authority);
            }
            if (number == 0) {
                throw new GeneralSecurityException("it has no certificate");
            }
            TrustManagerFactory managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IOException(
                    "sign-in.ca-file: "
                            + file
                            + " should hold certificates in PEM form: "
                            + e.getMessage(),
                    e);
        }
    }

    /** The text of a document that is there. */
    String document(URI address) throws IOException {
        HTTPRequest request = new HTTPRequest(Method.GET, address);
        request.setAccept("application/json");
        ReadOnlyHTTPResponse response = send(request);
        if (response.getStatusCode() != HTTPResponse.SC_OK) {
            throw new IOException(address + " answered with status " + response.getStatusCode());
        }
        return response.getBody();
    }

    @Override
    public HTTPResponse send(ReadOnlyHTTPRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(
                        translated(request),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_OCTETS));
        try {
            return translated(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            throw failed(request, "took longer than " + patience.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw failed(request, "does not answer: " + reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(request, "was not waited for", e);
        } catch (ParseException e) {
            throw failed(request, "answered with a broken header", e);
        } finally {
            answer.cancel(true);
        }
    }

    private static String reason(ExecutionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static IOException failed(ReadOnlyHTTPRequest request, String what, Exception cause) {
        return new IOException(request.getURI() + " " + what, cause);
    }

    private HttpRequest translated(ReadOnlyHTTPRequest request) {
        String body = request.getBody();
        HttpRequest.Builder built =
                HttpRequest.newBuilder(request.getURI())
                        .timeout(patience)
                        .method(
                                request.getMethod().name(),
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body));
        for (Map.Entry<String, List<String>> header : request.getHeaderMap().entrySet()) {
            header.getValue().forEach(value -> built.header(header.getKey(), value));
        }
        return built.build();
    }

    private static HTTPResponse translated(HttpResponse<byte[]> answer) throws ParseException {
        HTTPResponse response = new HTTPResponse(answer.statusCode());
        Optional<String> type = answer.headers().firstValue("Content-Type");
        if (type.isPresent()) {
            response.setContentType(type.get());
        }
        response.setBody(new String(answer.body(), StandardCharsets.UTF_8));
        return response;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
