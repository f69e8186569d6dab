package io.sallyport.sync.signin;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One person's browser: it keeps cookies and says where a request comes from. */
final class Browser implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder()
                    .followRedirects(Redirect.NEVER)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();

    /** By host and port; browsers are not so strict with ports, which helps nobody here. */
    private final Map<String, Map<String, String>> cookies = new HashMap<>();

    /** The lines of {@code Set-Cookie}, as they came. */
    final List<String> setCookies = new ArrayList<>();

    /** A click on a link, or an address that was typed; redirects are followed to the end. */
    HttpResponse<String> visit(String address) {
        HttpResponse<String> response = get(address);
        for (int hops = 0; response.statusCode() / 100 == 3 && hops < 10; hops++) {
            URI next =
                    response.uri().resolve(response.headers().firstValue("Location").orElseThrow());
            response = get(next.toString());
        }
        return response;
    }

    /** One request, whatever the answer. */
    HttpResponse<String> get(String address) {
        return send(
                HttpRequest.newBuilder(URI.create(address))
                        .header("Sec-Fetch-Site", "none")
                        .header("Sec-Fetch-Mode", "navigate"));
    }

    /** What a page of the same site does with {@code fetch}. */
    HttpResponse<String> write(String method, String address, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address))
                        .method(method, BodyPublishers.ofString(body))
                        .header("Content-Type", "application/json");
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return send(request);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        URI address = request.copy().build().uri();
        Map<String, String> jar =
                cookies.computeIfAbsent(address.getAuthority(), any -> new HashMap<>());
        if (!jar.isEmpty()) {
            request.header(
                    "Cookie",
                    jar.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        try {
            HttpResponse<String> response =
                    client.send(
                            request.timeout(Duration.ofSeconds(60)).build(),
                            BodyHandlers.ofString());
            response.headers().allValues("Set-Cookie").forEach(line -> keep(jar, line));
            return response;
        } catch (IOException e) {
            throw new AssertionError(address + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void keep(Map<String, String> jar, String line) {
        setCookies.add(line);
        String[] pair = line.split(";", 2)[0].split("=", 2);
        if (line.contains("Max-Age=0")) {
            jar.remove(pair[0]);
        } else {
            jar.put(pair[0], pair[1]);
        }
    }

    /** What it keeps for a server. */
    Map<String, String> cookies(String address) {
        return cookies.computeIfAbsent(URI.create(address).getAuthority(), any -> new HashMap<>());
    }

    @Override
    public void close() {
        client.close();
    }
}
