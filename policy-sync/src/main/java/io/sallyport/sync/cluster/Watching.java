package io.sallyport.sync.cluster;

import io.sallyport.sync.cluster.Cluster.Change;
import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** One watch: where it has come to. */
final class Watching {
    private final Reading reading;
    private final Cluster.Listener listener;
    private String version;
    private boolean expired;

    Watching(String version, Reading reading, Cluster.Listener listener) {
        this.version = version;
        this.reading = reading;
        this.listener = listener;
    }

    String version() {
        return version;
    }

    boolean expired() {
        return expired;
    }

    void said(String line) throws IOException {
        JsonNode event = Reading.object(line);
        JsonNode object = event.path("object");
        switch (event.path("type").asString("")) {
            case "ADDED", "MODIFIED" -> tell(object, new Change.Seen(reading.pod(object)));
            case "DELETED" -> tell(object, new Change.Gone(reading.pod(object)));
            case "BOOKMARK" -> tell(object, new Change.Nothing());
            case "ERROR" -> {
                if (object.path("code").asInt(0) != 410) {
                    throw new IOException(
                            "the watch ends with status " + object.path("code").asInt(0));
                }
                expired = true;
            }
            default -> throw new IOException("the watch tells of something unknown");
        }
    }

    private void tell(JsonNode object, Change change) {
        String now = Reading.version(object);
        version = now.isEmpty() ? version : now;
        listener.changed(change);
    }
}
