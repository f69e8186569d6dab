package io.sallyport.sync.admission;

import com.google.common.net.InetAddresses;
import io.sallyport.sync.admission.Verdict.Allowed;
import io.sallyport.sync.admission.Verdict.Refused;
import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Mapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of a pod, by what it says and by where it is. */
final class Judge {
    private static final Allowed AS_IT_IS = new Allowed(Review.array(), List.of());

    private final Admission.Config config;
    private final OrgStore orgs;
    private final SessionIds ids;

    Judge(Admission.Config config, OrgStore orgs, SessionIds ids) {
        this.config = config;
        this.orgs = orgs;
        this.ids = ids;
    }

    Verdict judge(Review review) throws IOException {
        try {
            Mapping.namespace(review.namespace());
            return switch (review.operation()) {
                case "CREATE" -> created(review);
                case "UPDATE" -> updated(review);
                default -> AS_IT_IS;
            };
        } catch (IllegalArgumentException e) {
            return new Refused(String.valueOf(e.getMessage()));
        }
    }

    private Claim claim(JsonNode pod) {
        return Claim.read(
                config.keys(), Review.texts(pod, "labels"), Review.texts(pod, "annotations"));
    }

    private Verdict created(Review review) throws IOException {
        String namespace = review.namespace();
        Optional<String> named = claim(review.pod()).org();
        if (named.isPresent() && !orgs.isMapped(namespace, named.get())) {
            return unmapped(namespace, named.get());
        }
        Map<String, String> annotations = Review.texts(review.pod(), "annotations");
        String session = annotations.get(Claim.SESSION);
        if (session != null && !ids.isFresh(namespace, session)) {
            return new Refused(
                    "the annotation "
                            + Claim.SESSION
                            + " is this webhook's to give; leave it out of the pod");
        }
        Patch patch = new Patch(review.pod());
        List<String> warnings = new ArrayList<>();
        if (session == null) {
            patch.annotate(Claim.SESSION, ids.next(namespace));
        }
        if (named.isEmpty() && !isOfPool(review.pod())) {
            Optional<String> only = orgs.onlyOrg(namespace);
            only.ifPresent(org -> patch.annotate(config.keys().org().getFirst(), org));
            if (only.isEmpty()) {
                warnings.add(
                        "the pod names no org, and its namespace has not exactly one: everything is"
                                + " denied to it until it names one");
            }
        }
        dns(patch);
        config.runtimeClass().ifPresent(name -> patch.unlessThere("runtimeClassName", name));
        return new Allowed(patch.operations(), warnings);
    }

    private boolean isOfPool(JsonNode pod) {
        Map<String, String> labels = Review.texts(pod, "labels");
        return config.poolKeys().stream().anyMatch(labels::containsKey);
    }

    private static Refused unmapped(String namespace, String org) {
        return new Refused(
                "pods of namespace "
                        + namespace
                        + " may not name org "
                        + org
                        + "; a platform admin can map the one to the other");
    }

    /** Names go to the node's resolver whatever a pod says; like this it also knows. */
    private void dns(Patch patch) {
        ObjectNode wanted =
                patch.spec("dnsConfig") instanceof ObjectNode given
                        ? given.deepCopy()
                        : Review.object();
        ArrayNode servers = wanted.putArray("nameservers");
        config.nameServers().forEach(server -> servers.add(InetAddresses.toAddrString(server)));
        patch.set("dnsPolicy", Review.text("None"));
        patch.set("dnsConfig", wanted);
    }

    /** Most updates concern nothing of ours, and are answered without a look at the store. */
    private Verdict updated(Review review) throws IOException {
        String before =
                Review.texts(review.before(), "annotations").getOrDefault(Claim.SESSION, "");
        String now = Review.texts(review.pod(), "annotations").getOrDefault(Claim.SESSION, "");
        if (!now.equals(before) && !now.isEmpty()) {
            return new Refused("the annotation " + Claim.SESSION + " of a pod does not change");
        }
        Optional<String> named = claim(review.pod()).org();
        Optional<String> earlier = earlier(review.before());
        if (named.isEmpty() || named.equals(earlier)) {
            return AS_IT_IS;
        }
        if (earlier.isPresent()) {
            return new Refused(
                    "the pod is org " + earlier.get() + "'s; whose a pod is does not change");
        }
        return orgs.isMapped(review.namespace(), named.get())
                ? AS_IT_IS
                : unmapped(review.namespace(), named.get());
    }

    /** What cannot be read was no org's. */
    private Optional<String> earlier(JsonNode pod) {
        try {
            return claim(pod).org();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
