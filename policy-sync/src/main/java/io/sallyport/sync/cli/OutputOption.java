package io.sallyport.sync.cli;

import io.sallyport.sync.document.Document;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command answers: in words, or as JSON. */
final class OutputOption {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    boolean json() {
        return json;
    }

    /** Prints one of the two. */
    int print(Supplier<Object> document, Supplier<String> text) {
        if (json) {
            line(Document.canonical(document.get()));
        } else {
            print(text.get());
        }
        return Cli.OK;
    }

    /** Prints words, some of which others wrote: reasons, names, a server's sentences. */
    void print(String text) {
        line(Words.printable(text));
    }

    /** Prints JSON as it is. */
    void line(String json) {
        PrintWriter out = out();
        out.println(json);
        out.flush();
    }

    PrintWriter out() {
        return command.commandLine().getOut();
    }

    PrintWriter err() {
        return command.commandLine().getErr();
    }
}
