package io.sallyport.helm;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A ValidatingAdmissionPolicy, judged as the API server does: an error of an expression refuses.
 */
final class Policy {
    private static final JsonMapper JSON = new JsonMapper();

    private record Rule(CelRuntime.Program holds, String message) {}

    private final List<CelRuntime.Program> conditions = new ArrayList<>();
    private final Map<String, CelRuntime.Program> variables = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();

    Policy(JsonNode policy) {
        Cel cel =
                CelFactory.plannerCelBuilder()
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addCompilerLibraries(CelExtensions.optional())
                        .addRuntimeLibraries(CelExtensions.optional())
                        .addVar("object", SimpleType.DYN)
                        .addVar("oldObject", SimpleType.DYN)
                        .addVar("request", SimpleType.DYN)
                        .addVar("variables", SimpleType.DYN)
                        .build();
        policy.at("/spec/matchConditions")
                .forEach(condition -> conditions.add(program(cel, condition)));
        policy.at("/spec/variables")
                .forEach(variable ->
                        variables.put(variable.path("name").asString(), program(cel, variable)));
        policy.at("/spec/validations")
                .forEach(rule ->
                        rules.add(new Rule(program(cel, rule), rule.path("message").asString())));
        if (rules.isEmpty()) {
            throw new AssertionError("a policy without rules");
        }
    }

    /** As somebody. */
    List<String> judge(String how, JsonNode object, @Nullable JsonNode before) {
        return judge(how, object, before, Map.of("username", "somebody"));
    }

    /**
     * @param how the operation, and the subresource if it is one
     * @return the messages of the rules that are broken
     */
    List<String> judge(
            String how, JsonNode object, @Nullable JsonNode before, Map<String, Object> user) {
        Map<String, Object> input = input(how, object, before, user);
        Map<String, Object> known = new HashMap<>();
        input.put("variables", known);
        variables.forEach((name, program) -> known.put(name, value(program, input)));
        return rules.stream()
                .filter(rule -> !Boolean.TRUE.equals(value(rule.holds(), input)))
                .map(Rule::message)
                .toList();
    }

    boolean applies(Map<String, Object> user, JsonNode object) {
        Map<String, Object> input = input("UPDATE", object, object, user);
        return conditions.stream().allMatch(each -> Boolean.TRUE.equals(value(each, input)));
    }

    private static Map<String, Object> input(
            String how, JsonNode object, @Nullable JsonNode before, Map<String, Object> user) {
        Map<String, Object> request = new HashMap<>();
        String[] parts = how.split(" ", 2);
        request.put("operation", parts[0]);
        request.put("userInfo", user);
        if (parts.length > 1) {
            request.put("subResource", parts[1]);
        }
        Map<String, Object> input = new HashMap<>();
        input.put("request", request);
        input.put("object", plain(object));
        input.put(
                "oldObject",
                before == null ? dev.cel.common.values.NullValue.NULL_VALUE : plain(before));
        return input;
    }

    private static Object plain(JsonNode node) {
        return JSON.treeToValue(node, Object.class);
    }

    private static CelRuntime.Program program(Cel cel, JsonNode holder) {
        String expression = holder.path("expression").asString();
        try {
            return cel.createProgram(cel.compile(expression).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(expression + ": " + e.getMessage(), e);
        }
    }

    private static Object value(CelRuntime.Program program, Map<String, Object> input) {
        try {
            return program.eval(input);
        } catch (CelEvaluationException e) {
            return e;
        }
    }
}
