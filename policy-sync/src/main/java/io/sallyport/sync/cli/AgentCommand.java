package io.sallyport.sync.cli;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Agent;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport agent …}: which agents may run code at all. */
@Command(
        name = "agent",
        description = "Agents and their code execution. One that was never switched may run code.",
        mixinStandardHelpOptions = true)
final class AgentCommand {
    private static final String JSON = "Print JSON.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(
            description = "Switch an agent's code execution; off: it gets no session.",
            mixinStandardHelpOptions = true)
    int set(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Option(names = "--json", description = JSON) boolean json,
            @Option(names = "--org", required = true, paramLabel = "ORG") String org,
            @Option(names = "--code-execution", required = true, paramLabel = "on|off")
                    String codeExecution,
            @Parameters(paramLabel = "AGENT") String agent)
            throws Exception {
        boolean on = Words.onOrOff("--code-execution", codeExecution);
        try (Orgs orgs = store.open()) {
            boolean changed = orgs.setCodeExecution(org, agent, on, by.author());
            if (json) {
                print(
                        Document.canonical(
                                Map.of(
                                        "org",
                                        org,
                                        "agent",
                                        agent,
                                        "code-execution",
                                        on,
                                        "changed",
                                        changed)));
            } else if (changed) {
                print(
                        "agent "
                                + agent
                                + " of org "
                                + org
                                + ": code execution "
                                + codeExecution
                                + (on ? "" : "; it gets no new session, running ones go on"));
            } else {
                print(
                        "nothing changed: code execution of agent "
                                + agent
                                + " is "
                                + codeExecution
                                + " already");
            }
            return Cli.OK;
        }
    }

    @Command(description = "The agents that were switched.", mixinStandardHelpOptions = true)
    int list(
            @Mixin StoreOption store,
            @Option(names = "--json", description = JSON) boolean json,
            @Option(names = "--org", required = true, paramLabel = "ORG") String org)
            throws Exception {
        try (Orgs orgs = store.open()) {
            List<Agent> agents = orgs.agents(org);
            if (json) {
                print(Document.canonical(agents.stream().map(AgentCommand::document).toList()));
            } else if (agents.isEmpty()) {
                print("no agent of org " + org + " was switched; all may run code");
            } else {
                agents.forEach(agent ->
                        print(
                                "%-24s  code execution %-3s  %s by %s"
                                        .formatted(
                                                agent.name(),
                                                agent.codeExecution() ? "on" : "off",
                                                OrgText.time(agent.at()),
                                                agent.by().who())));
            }
            return Cli.OK;
        }
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

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
