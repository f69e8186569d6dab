package io.sallyport.sync.cli;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.resolver.standalone.ResolverCommand;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.remote.Remote;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The command line: {@code sallyport COMMAND …}. */
@Command(
        name = "sallyport",
        description = "The one guarded way out of a sandbox.",
        mixinStandardHelpOptions = true)
public final class Cli {
    /** It worked. */
    static final int OK = 0;

    /** It did not work, and standard error says why. */
    static final int FAILED = 1;

    /** The command line or the input is wrong, and standard error says how. */
    static final int USAGE = 2;

    /** In the order in which help lists them. */
    private static final List<Class<?>> COMMANDS =
            List.of(
                    RunCommand.class,
                    UpCommand.class,
                    NodeCommand.class,
                    ControlCommand.class,
                    OrgCommand.class,
                    AgentCommand.class,
                    SessionCommand.class,
                    NetworkCommand.class,
                    DockerCommand.class,
                    CniCommand.class,
                    ExplainCommand.class,
                    PresetCommand.class,
                    NamespaceCommand.class,
                    TokenCommand.class,
                    AuditCommand.class,
                    RulesCommand.class,
                    DoctorCommand.class,
                    ProbeCommand.class,
                    BenchCommand.class,
                    ResolverCommand.class,
                    UninstallCommand.class);

    private Cli() {}

    /** Runs one command and returns its exit code; nothing is thrown. */
    public static int run(String... arguments) {
        Thread logging = logging();
        CommandLine line = new CommandLine(new Cli());
        commands(arguments).forEach(line::addSubcommand);
        line.setExpandAtFiles(false); // @FILE means a list of domains where it is taken at all
        version(line.getCommandSpec());
        line.setExecutionExceptionHandler((failure, command, result) -> {
            PrintWriter err = command.getErr();
            err.println("sallyport: " + Words.printable(sentence(failure)));
            err.flush();
            return badInput(failure) ? USAGE : FAILED;
        });
        await(logging);
        return line.execute(arguments);
    }

    /** The log takes half as long to set up as this command line, which does not write to it. */
    private static Thread logging() {
        return Thread.ofPlatform()
                .name("logging")
                .start(() -> LoggerFactory.getLogger(Cli.class).debug("begun"));
    }

    private static void await(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // for the command, which starts all the same
        }
    }

    /**
     * The one that is asked for, if one is: reading what all of them take costs a start half a
     * second.
     */
    private static List<Class<?>> commands(String... arguments) {
        List<Class<?>> asked =
                COMMANDS.stream()
                        .filter(each ->
                                arguments.length > 0
                                        && each.getAnnotation(Command.class)
                                                .name()
                                                .equals(arguments[0]))
                        .toList();
        return asked.isEmpty() ? COMMANDS : asked;
    }

    private static void version(CommandSpec command) {
        String version = Cli.class.getPackage().getImplementationVersion();
        command.version("sallyport " + (version == null ? "(not from a jar)" : version));
        command.subcommands().values().forEach(each -> version(each.getCommandSpec()));
    }

    /** Java's own exceptions about files say no more than the file's name. */
    private static String sentence(Exception failure) {
        return switch (failure) {
            case NoSuchFileException e -> "there is no file " + e.getFile();
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case CharacterCodingException _ -> "a file is not UTF-8 text";
            case IOException e -> String.valueOf(e.getMessage());
            case IllegalArgumentException e -> String.valueOf(e.getMessage());
            case FirewallException e -> String.valueOf(e.getMessage());
            case RuntimeException e -> {
                LoggerFactory.getLogger(Cli.class).error("a fault in this program", e);
                yield "a fault in this program, told above; please report it";
            }
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static boolean badInput(Exception failure) {
        return switch (failure) {
            case IllegalArgumentException _ -> true;
            case NodeClient.Refused refused -> refused.badInput();
            case Remote.Refused refused -> refused.badInput();
            default -> false;
        };
    }
}
