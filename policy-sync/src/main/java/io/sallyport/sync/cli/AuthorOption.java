package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who changes something, and why: it is kept with the change. */
final class AuthorOption {
    @Option(
            names = "--why",
            paramLabel = "TEXT",
            description = "The reason, kept with the change.",
            defaultValue = "")
    String why = "";

    @Option(
            names = "--by",
            paramLabel = "NAME",
            description = "Whose change it is; by default the user who runs this.")
    @Nullable String by;

    Author author() {
        if (by != null) {
            return new Author(by, why);
        }
        String sudo = System.getenv("SUDO_USER"); // root is nobody in an audit
        return new Author(
                sudo == null || sudo.isBlank() ? System.getProperty("user.name") : sudo, why);
    }
}
