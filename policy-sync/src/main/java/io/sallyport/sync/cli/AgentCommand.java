package io.sallyport.sync.cli;

import io.sallyport.sync.org.OrgStore.Agent;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sallyport agent …}: which agents may run code at all. */
@Command(
        name = "agent",
        description = "Agents and their code execution. One that was never switched may run code.",
        mixinStandardHelpOptions = true)
final class AgentCommand {
    @Command(
            description = "Switch an agent's code execution; off: it gets no session.",
            mixinStandardHelpOptions = true)
    int set(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Mixin OutputOption output,
            @Option(names = "--org", required = true, paramLabel = "ORG") String org,
            @Option(names = "--code-execution", required = true, paramLabel = "on|off")
                    String codeExecution,
            @Parameters(paramLabel = "AGENT") String agent)
            throws Exception {
        boolean on = Words.onOrOff("--code-execution", codeExecution);
        try (Orgs orgs = store.open()) {
            boolean changed = orgs.setCodeExecution(org, agent, on, by.author());
            return output.print(
                    () ->
                            Map.of(
                                    "org", org,
                                    "agent", agent,
                                    "code-execution", on,
                                    "changed", changed),
                    () -> switched(org, agent, on, changed));
        }
    }

    private static String switched(String org, String agent, boolean on, boolean changed) {
        String is = on ? "on" : "off";
        return changed
                ? "agent "
                        + agent
                        + " of org "
                        + org
                        + ": code execution "
                        + is
                        + (on ? "" : "; it gets no new session, running ones go on")
                : "nothing changed: code execution of agent " + agent + " is " + is + " already";
    }

    @Command(description = "The agents that were switched.", mixinStandardHelpOptions = true)
    int list(
            @Mixin StoreOption store,
            @Mixin OutputOption output,
            @Option(names = "--org", required = true, paramLabel = "ORG") String org)
            throws Exception {
        try (Orgs orgs = store.open()) {
            List<Agent> agents = orgs.agents(org);
            return output.print(
                    () -> agents.stream().map(AgentCommand::document).toList(),
                    () -> text(org, agents));
        }
    }

    private static String text(String org, List<Agent> agents) {
        if (agents.isEmpty()) {
            return "no agent of org " + org + " was switched; all may run code";
        }
        return agents.stream()
                .map(agent ->
                        "%-24s  code execution %-3s  %s by %s"
                                .formatted(
                                        agent.name(),
                                        agent.codeExecution() ? "on" : "off",
                                        OrgText.time(agent.at()),
                                        agent.by().who()))
                .collect(Collectors.joining("\n"));
    }

    private static Map<String, Object> document(Agent agent) {
        return Map.of(
                "org",
                agent.org(),
                "agent",
                agent.name(),
                "code-execution",
                agent.codeExecution(),
                "changed-at",
                agent.at().toString(),
                "changed-by",
                agent.by().who(),
                "why",
                agent.by().why());
    }
}
