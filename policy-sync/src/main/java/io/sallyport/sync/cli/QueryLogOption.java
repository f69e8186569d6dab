package io.sallyport.sync.cli;

import io.sallyport.resolver.querylog.QueryLog;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is written down of queries; what is said here goes before the file. */
final class QueryLogOption {
    @Option(
            names = "--query-log",
            paramLabel = "FILE|dnstap:FILE|dnstap:unix:SOCKET",
            description = "Write queries down, as JSON lines or dnstap (default: nothing).")
    private @Nullable String place;

    @Option(
            names = "--query-log-mode",
            paramLabel = "denied|all|1/N",
            description = "Which of them: denied (default), all, or one in N.")
    private @Nullable String mode;

    Optional<QueryLog.Config> over(Optional<QueryLog.Config> file) {
        if (place == null) {
            if (mode != null) {
                throw new IllegalArgumentException("--query-log-mode needs --query-log");
            }
            return file;
        }
        return Optional.of(
                QueryLog.Config.parse(place, mode == null ? QueryLog.Config.USUAL : mode));
    }
}
