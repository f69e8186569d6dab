package io.sallyport.sync.cli;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.handover.Turn;
import io.sallyport.sync.supervisor.Supervisor;
import java.io.IOException;
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

    Turn turn(DataDirectory data, Supervisor supervisor) throws IOException {
        if (takeOver) {
            return Turn.takeOver(data);
        }
        if (standby) {
            supervisor.standingBy();
            try (Supervisor.Waiting _ = supervisor.whileWaiting()) {
                return Turn.await(data);
            }
        }
        return Turn.now(data);
    }
}
