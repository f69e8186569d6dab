package io.sallyport.sync.cli;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.handover.Turn;
import io.sallyport.sync.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a node does when another one runs with its data directory: give up, replace it, or wait. */
final class BeginningOption {
    @Option(
            names = "--take-over",
            description =
                    "Replace the node that runs with this data directory, without a gap; start if none does.")
    private boolean takeOver;

    @Option(
            names = "--standby",
            description =
                    "Wait until the node that runs with this data directory ends or dies, then go on in its place; start if none does.")
    private boolean standby;

    /**
     * Kubernetes starts again what has ended, and so the process that was replaced would take over
     * from the one that replaced it.
     */
    @Option(
            names = "--take-over-once",
            paramLabel = "FILE",
            description =
                    "As --take-over, and make this file when this process answers; where it is there already, as"
                            + " --standby.")
    private @Nullable Path once;

    /** This process answers now. */
    void answers() throws IOException {
        if (once != null) {
            Files.write(once, new byte[0]);
        }
    }

    Turn turn(DataDirectory data, Supervisor supervisor) throws IOException {
        boolean answeredBefore = once != null && Files.exists(once);
        if (takeOver || (once != null && !answeredBefore)) {
            return Turn.takeOver(data);
        }
        if (standby || answeredBefore) {
            try (Supervisor.Waiting _ = supervisor.whileWaiting()) {
                return Turn.await(data, supervisor::standingBy);
            }
        }
        return Turn.now(data);
    }
}
