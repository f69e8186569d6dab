package io.sallyport.sync.cli;

import io.sallyport.resolver.standalone.ResolverCommand;
import io.sallyport.sync.client.NodeClient;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code sallyport COMMAND …}. */
@Command(
        name = "sallyport",
        description = "The one guarded way out of a sandbox.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RunCommand.class,
            NodeCommand.Up.class,
            NodeCommand.class,
            OrgCommand.class,
            AgentCommand.class,
            SessionCommand.class,
            NetworkCommand.class,
            ExplainCommand.class,
            RulesCommand.class,
            DoctorCommand.class,
            ProbeCommand.class,
            ResolverCommand.class,
            UninstallCommand.class
        })
public final class Cli {
    /** It worked. */
    static final int OK = 0;

    /** It did not work, and standard error says why. */
    static final int FAILED = 1;

    /** The command line or the input is wrong, and standard error says how. */
    static final int USAGE = 2;

    private Cli() {}

    /** Runs one command and returns its exit code; nothing is thrown. */
    public static int run(String... arguments) {
        CommandLine line = new CommandLine(new Cli());
        line.setExpandAtFiles(false); // @FILE means a list of domains where it is taken at all
        line.setExecutionExceptionHandler((failure, command, result) -> {
            PrintWriter err = command.getErr();
            err.println("sallyport: " + failure.getMessage());
            err.flush();
            return badInput(failure) ? USAGE : FAILED;
        });
        return line.execute(arguments);
    }

    private static boolean badInput(Exception failure) {
        return switch (failure) {
            case IllegalArgumentException _ -> true;
            case NodeClient.Refused refused -> refused.badInput();
            default -> false;
        };
    }
}
