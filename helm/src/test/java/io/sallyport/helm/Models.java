package io.sallyport.helm;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The Kubernetes models of others, read strictly: a field that they do not know is an error. */
final class Models {
    /** The apiVersion and kind of each class are what it says of itself. */
    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            Stream.<Class<? extends HasMetadata>>of(
                            ClusterRole.class,
                            ClusterRoleBinding.class,
                            ConfigMap.class,
                            DaemonSet.class,
                            Deployment.class,
                            MutatingWebhookConfiguration.class,
                            NetworkPolicy.class,
                            PersistentVolumeClaim.class,
                            Pod.class,
                            PodDisruptionBudget.class,
                            PodMonitor.class,
                            PrometheusRule.class,
                            Service.class,
                            ServiceAccount.class,
                            ServiceMonitor.class,
                            ValidatingAdmissionPolicy.class,
                            ValidatingAdmissionPolicyBinding.class)
                    .collect(
                            Collectors.toMap(
                                    type ->
                                            HasMetadata.getApiVersion(type)
                                                    + " "
                                                    + HasMetadata.getKind(type),
                                    Function.identity()));

    private static final ObjectMapper STRICT =
            JsonMapper.builder()
                    .annotationIntrospector(new NoRest())
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .disable(com.fasterxml.jackson.databind.MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .build();

    private Models() {}

    /** Their classes take any field into a map; here they do not. */
    private static final class NoRest extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return Boolean.FALSE;
        }
    }

    static HasMetadata read(JsonNode object) {
        String kind = object.path("apiVersion").asString() + " " + object.path("kind").asString();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            throw new AssertionError("no chart of ours makes a " + kind);
        }
        try {
            return STRICT.readValue(object.toString(), type);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(
                    object.at("/metadata/name").asString()
                            + " is no "
                            + kind
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    static List<HasMetadata> read(List<JsonNode> objects) {
        return objects.stream().map(Models::read).toList();
    }
}
