package io.sallyport.sync.config;

import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.config.NodeFile.Kubernetes;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.pods.Pods;
import io.sallyport.sync.uplink.Uplink;
import java.nio.file.Path;
import java.util.Optional;

/** Reads {@code kubernetes:} of the common file. */
final class KubernetesKeys {
    private KubernetesKeys() {}

    static Kubernetes read(Document document) {
        Document.Fields fields = document.fields();
        Optional<Document> url = fields.optional("url");
        Optional<Path> token = fields.optional("token-file").map(value -> Path.of(value.text()));
        Optional<Path> ca = fields.optional("ca-file").map(value -> Path.of(value.text()));
        if (url.isPresent() != token.isPresent() || (ca.isPresent() && url.isEmpty())) {
            throw document.error(
                    "needs url and token-file together, and ca-file only with them; without them the"
                            + " cluster's own service account is used");
        }
        Kubernetes kubernetes =
                new Kubernetes(
                        url.map(value ->
                                value.textAs(
                                        text -> Uplink.Config.of(text, token.orElseThrow(), ca))),
                        fields.optional("node-name").map(value -> value.textAs(Pods::node)),
                        Claim.Keys.read(fields),
                        fields.optional("taint").map(Document::flag).orElse(true));
        fields.end();
        return kubernetes;
    }
}
