package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings.Difference;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How settings and their versions are shown. */
final class SettingsPage {
    private final Fleet fleet;

    SettingsPage(Fleet fleet) {
        this.fleet = fleet;
    }

    /** The settings with all that an admin should see beside them; the version is their ETag. */
    Reply reply(Status status, Version version) throws IOException {
        ObjectNode page = (ObjectNode) Json.of(version.settings().document());
        page.put("org", version.org());
        page.put("version", version.number());
        page.put("changed-at", version.at().toString());
        page.put("changed-by", version.by().who());
        page.put("why", version.by().why());
        page.put("stale-sessions", fleet.stale(version.org(), version.number()));
        page.set("warnings", Json.texts(version.settings().warnings()));
        return Reply.json(status, page).etag(Long.toString(version.number()));
    }

    static ObjectNode item(Version version, List<Difference> changes) {
        ObjectNode item =
                Json.object()
                        .put("version", version.number())
                        .put("at", version.at().toString())
                        .put("by", version.by().who())
                        .put("why", version.by().why());
        ArrayNode list = item.putArray("changes");
        for (Difference change : changes) {
            list.addObject()
                    .put("field", change.field())
                    .set("removed", Json.texts(change.removed()))
                    .set("added", Json.texts(change.added()));
        }
        return item;
    }
}
